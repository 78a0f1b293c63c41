import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { confirm } from '../../shared/cli/confirm.js';

const own = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
afterEach(() => Object.defineProperty(process, 'stdin', own));

/** Somebody at a terminal who types `line`. */
function typing(line: string): void {
  const value = Object.assign(new PassThrough(), { isTTY: true });
  Object.defineProperty(process, 'stdin', { value, configurable: true });
  value.write(`${line}\n`);
}

describe('who is asked whether it is to be done', () => {
  it.each(['yes', ' YES '])('has it done by %j', async (line) => {
    typing(line);
    await expect(confirm('revoke it?')).resolves.toBeUndefined();
  });

  it.each(['', 'y', 'no', 'yes, but'])('has nothing done by %j', async (line) => {
    typing(line);
    await expect(confirm('revoke it?')).rejects.toThrow('nothing was done');
  });
});
