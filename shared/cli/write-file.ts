/** Files that a command writes where somebody says. */
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeFolders } from '../loopback/keep/folder.js';

/** Writes `text` to `file`, and makes the folders above it. May run twice. @throws {Error} naming the file and why it cannot be written */
export function writeTextFile(file: string, text: string): void {
  try {
    makeFolders(dirname(resolve(file)));
    writeFileSync(file, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} cannot be written: ${why}`, { cause: error });
  }
}
