/** The `leasehold` command. */
import { CommanderError } from 'commander';
import { printableLines } from '../app/printable.js';
import { COULD_NOT, codeFor } from './exit-codes.js';
import { plainError } from './plain-error.js';
import { isCommand, makeProgram } from './program.js';

/** What cannot be printed was not said. A reader who has seen enough, as `head` has, is no fault. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  console.error(`leasehold: what it says cannot be written: ${error.message}`);
  process.exitCode = COULD_NOT;
});

const said = process.argv.slice(2);
const [first, second] = said;
const name = first === 'help' ? second : first;
// Help on a command that there is not would be help on all of them, as if it were there.
const isUnknown = name !== undefined && !name.startsWith('-') && name !== 'help' && !isCommand(name);
const program = await makeProgram(first);
for (const each of [program, ...program.commands]) each.exitOverride();
try {
  await program.parseAsync(isUnknown ? [name] : said, { from: 'user' });
} catch (error) {
  // Of wrong options, and of help that was asked for, it has told already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : COULD_NOT;
  else {
    console.error(printableLines(`leasehold: ${plainError(error)}`));
    process.exitCode = codeFor(error);
  }
}
