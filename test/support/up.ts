/** `leasehold up` as a process of its own, which knows no variables but those that it is given. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';

export const COMMAND = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'leasehold.js');
export const CLEAN = { PATH: process.env['PATH'] ?? '' };

type Variables = Readonly<Record<string, string>>;

/** `printed`: all of it, once the cloud runs; what stands on standard error, when it does not come to that. */
export function startUp(
  args: readonly string[] = [],
  env: Variables = {},
  /** Blocks of 512 bytes; no file can grow beyond, as on a disk that is full. */
  mostBlocks: number | 'unlimited' = 'unlimited',
): { readonly child: ChildProcess; readonly printed: Promise<string> } {
  const limited = ['-c', `ulimit -f ${mostBlocks}; exec "$0" "$@"`, process.execPath, COMMAND, 'up', ...args];
  const child = spawn('sh', limited, { env: { ...CLEAN, ...env } });
  let [out, err] = ['', ''];
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const printed = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      out += chunk;
      if (out.includes('RAM user alice')) resolve(out);
    });
    child.once('exit', () => resolve(err));
  });
  return { child, printed };
}

/** The variables of a shell that was given the lines to export. */
export function exportedBy(printed: string): Variables {
  const lines = printed.split('\n').filter((line) => line.startsWith('export '));
  const env = execFileSync('sh', ['-c', `${lines.join('\n')}\nenv -0`], { env: CLEAN, encoding: 'utf8' });
  return Object.fromEntries(
    env
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
