/** The built command as a process of its own: what it ends with, and what it loads. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { built, env, inFolder, SAMPLE } from './stage.js';

/** Has a process print, as it ends, which of the vendor's packages it has loaded. */
const TELLING_PACKAGES = `data:text/javascript,${encodeURIComponent(`
  import Module from 'node:module';
  process.on('exit', () => {
    const loaded = Object.keys(Module._cache).flatMap((file) => /node_modules[/](@alicloud|ali-oss)[/]/.exec(file)?.[1] ?? []);
    console.error('loaded:', [...new Set(loaded)].sort().join());
  });
`)}`;

export function describeBuilt(): void {
  describe('the built command', () => {
    it('is there, and ends with 2 and one plain line for what it cannot do', async () => {
      const failed = await built(['verify', inFolder('boss.jwk')]);
      expect(failed).toEqual({
        code: 2,
        out: '',
        err: 'leasehold: this is no file that "leasehold evidence" has written\n',
      });
    });

    it.each([
      [0, 'help that is asked for', ['list', '--help']],
      [0, 'its version', ['--version']],
      [1, 'a request that is refused', ['plan', inFolder('null.json')]],
      [2, 'an option that there is not', ['list', '--partners']],
      [2, 'a value that an option does not take', ['list', '--due', 'soon']],
      [2, 'help on a command that there is not', ['help', 'shwo']],
      [2, 'a command that there is not, with help asked for', ['shwo', '--help']],
      [2, 'a file that is not there', ['plan', inFolder('nowhere.json')]],
    ])('ends with %d for %s', async (code, _what, args) => {
      writeFileSync(inFolder('null.json'), 'null');
      expect(await built(args)).toMatchObject({ code });
    });

    it('ends with 2 where what it says cannot be written', async () => {
      const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
      const child = spawn(process.execPath, ['dist/cli/leasehold.js', '--help'], { env, stdio: [...stdio] });
      const [[code], said] = await Promise.all([once(child, 'close'), text(child.stderr as Readable)]);
      closeSync(stdio[1]);
      expect([code, said]).toEqual([2, expect.stringContaining('what it says cannot be written')]);
    });

    it('ends well where the reader has seen enough', async () => {
      const child = spawn(process.execPath, ['dist/cli/leasehold.js', '--help'], { env });
      child.stdout.destroy();
      const [[code], said] = await Promise.all([once(child, 'close'), text(child.stderr)]);
      expect([code, said]).toEqual([0, '']);
    });

    it.each([
      ['', 'help on all commands', ['--help']],
      ['', 'a plan that asks nobody', ['plan', SAMPLE]],
      ['', 'a file that is checked', ['verify', inFolder('boss.jwk')]],
      ['@alicloud', 'an event that is posted', ['post', SAMPLE, '--bus', 'no-such-bus']],
      ['ali-oss', 'the register that is read', ['list']],
    ])('loads no more of the SDKs than %j for %s', async (packages, _what, args) => {
      const { err } = await built(args, '', ['--import', TELLING_PACKAGES]);
      expect(err).toMatch(new RegExp(`^loaded: ${packages}$`, 'm'));
    });
  });
}
