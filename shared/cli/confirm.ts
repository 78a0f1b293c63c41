/** Asks the person at the terminal, who has just been shown what it is about. */
import { createInterface } from 'node:readline/promises';

/** @throws {Error} where nobody sits at a terminal, or he does not say yes */
export async function confirm(question: string): Promise<void> {
  if (process.stdin.isTTY !== true)
    throw new Error('nobody is at a terminal to be asked; read the above, and run again with --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Type yes: `);
    if (answer.trim().toLowerCase() !== 'yes') throw new Error('not confirmed; nothing was done');
  } finally {
    terminal.close();
  }
}
