import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const npm = (...words: readonly string[]): string =>
  execFileSync('npm', words, {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

describe('the package', () => {
  let files: readonly string[];
  beforeAll(() => {
    const [packed] = JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts'));
    files = packed.files.map(({ path }: { readonly path: string }) => path);
  });
  const below = (...folder: readonly string[]) =>
    files
      .filter((file) => file.startsWith(`${folder.join('/')}/`))
      .map((file) => basename(file))
      .sort();

  it('has the command, what it deploys, and the samples that it tries', () => {
    expect(files).toEqual(
      expect.arrayContaining(['dist/cli/leasehold.js', 's.yaml', 'functions/roles.yaml', 'README.md']),
    );
    expect(below('workflows')).toEqual(readdirSync('workflows').sort());
    expect(below('dist', 'packages')).toEqual(readdirSync(join('dist', 'packages')).sort());
    expect(below('test')).toEqual(readdirSync(join('test', 'support', 'events')).sort());
  });

  it('has nothing of a deployment of yours, nor what only maintainers run', () => {
    const expected = ['chunks', 'cli', 'functions', 'loopback', 'packages'];
    const built = files.flatMap((file) => /^dist\/([^/]+)\//.exec(file)?.[1] ?? []);
    expect([...new Set(built)].sort()).toEqual(expected);
    expect(files.filter((file) => basename(file).startsWith('.'))).toEqual([]);
  });
});

describe('an installation', () => {
  it('brings what builds the project, where NODE_ENV is production too', () => {
    expect(npm('config', 'get', 'include').trim()).toBe('dev');
  });
});
