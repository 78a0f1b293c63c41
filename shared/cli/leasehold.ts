/** The `leasehold` command. */
import { printableLines } from '../app/printable.js';
import { plainError } from './plain-error.js';
import { makeProgram } from './program.js';

/** What cannot be printed was not said. A reader who has seen enough, as `head` has, is no fault. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  console.error(`leasehold: what it says cannot be written: ${error.message}`);
  process.exitCode = 1;
});

try {
  await makeProgram().parseAsync();
} catch (error) {
  console.error(printableLines(`leasehold: ${plainError(error)}`));
  process.exitCode = 1;
}
