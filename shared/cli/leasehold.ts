/** The `leasehold` command. */
import { CommanderError } from 'commander';
import { printableLines } from '../app/printable.js';
import { COULD_NOT, codeFor } from './exit-codes.js';
import { plainError } from './plain-error.js';
import { makeProgram } from './program.js';

/** What cannot be printed was not said. A reader who has seen enough, as `head` has, is no fault. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  console.error(`leasehold: what it says cannot be written: ${error.message}`);
  process.exitCode = COULD_NOT;
});

const program = await makeProgram(process.argv[2]);
for (const each of [program, ...program.commands]) each.exitOverride();
try {
  await program.parseAsync();
} catch (error) {
  // Of wrong options, and of help that was asked for, it has told already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : COULD_NOT;
  else {
    console.error(printableLines(`leasehold: ${plainError(error)}`));
    process.exitCode = codeFor(error);
  }
}
