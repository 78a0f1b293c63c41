/** The `leasehold` command. */
import { plainError } from './plain-error.js';
import { makeProgram } from './program.js';

try {
  await makeProgram().parseAsync();
} catch (error) {
  console.error(`leasehold: ${plainError(error)}`);
  process.exitCode = 1;
}
