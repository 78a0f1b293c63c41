import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

const { isUnchanged, markMade } = (await import(resolve('shared', 'build', 'unchanged.mjs'))) as {
  readonly isUnchanged: (root: string) => boolean;
  readonly markMade: (root: string) => void;
};

let root: string;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leasehold-build-'));
  write('package-lock.json', '{}');
  write('shared/app/plan.ts', 'one');
  write('dist/functions/cut-access/index.js', 'two');
  return () => rmSync(root, { recursive: true, force: true });
});

describe('what a build would make', () => {
  it('is there once it was made', () => {
    expect(isUnchanged(root)).toBe(false);
    markMade(root);
    expect(isUnchanged(root)).toBe(true);
  });

  it.each([
    ['a source is another', () => write('shared/app/plan.ts', 'other')],
    ['there is a source more', () => write('functions/new-step/index.ts', '')],
    ['other packages are asked for', () => write('package-lock.json', '{"packages":{}}')],
    ['what was made was changed by hand', () => write('dist/functions/cut-access/index.js', 'other')],
    ['a part of it is gone', () => rmSync(join(root, 'dist', 'functions'), { recursive: true })],
    ['all of it is gone', () => rmSync(join(root, 'dist'), { recursive: true })],
  ])('is not there when %s', (_, change) => {
    markMade(root);
    change();
    expect(isUnchanged(root)).toBe(false);
  });

  it('does not depend on what others leave beside it', () => {
    markMade(root);
    write('dist/deploy/rights.json', '{}');
    write('README.md', 'other');
    expect(isUnchanged(root)).toBe(true);
  });
});
