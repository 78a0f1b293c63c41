/** One process at a time uses a folder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Returns how to give it free. A process that was killed leaves its lock, which the next one takes over. @throws {Error} */
export function lock(path: string): () => void {
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(path, 'utf8'));
    if (holder === process.pid || isAlive(holder))
      throw new Error(`process ${holder} uses this folder; if that is something else, remove ${path}`);
    rmSync(path, { force: true });
  }
}

/** A process that did not get to write its id yet counts as dead: it was killed, or lost the race for the lock. */
function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
