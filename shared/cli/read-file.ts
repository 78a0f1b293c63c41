/** Files that somebody names on the command line. */
import { readFileSync } from 'node:fs';
import { codeOf } from '../cloud/alibaba/failures.js';

const STANDARD_INPUT = 0;
const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is none of that name',
  EISDIR: 'it is a folder',
  EACCES: 'you may not',
};

/** The text of `file`, or of standard input for `-`, without a byte order mark. @throws {Error} naming the file and why it cannot be read */
export function readTextFile(file: string): string {
  try {
    return new TextDecoder().decode(readFileSync(file === '-' ? STANDARD_INPUT : file));
  } catch (error) {
    const why = WHY[codeOf(error)];
    throw new Error(`${file} cannot be read${why === undefined ? '' : `: ${why}`}`, { cause: error });
  }
}
