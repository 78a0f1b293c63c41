/** Tells whether a build would make again what is there already. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MARK = 'dist/made-of';
/** Packages are known by the lock file alone: who edits them by hand removes `dist/`. */
const READ = ['package.json', 'package-lock.json', 'tsconfig.json', 'functions', 'shared'];
const MADE = ['bench', 'chunks', 'cli', 'functions', 'loopback', 'packages'].map((name) => `dist/${name}`);

/** Whether nothing that the build reads, and nothing that it made, is other than when it was marked. `root`: the project's folder. */
export const isUnchanged = (root) =>
  existsSync(join(root, MARK)) && readFileSync(join(root, MARK), 'utf8') === digestOf(root);

export const markMade = (root) => writeFileSync(join(root, MARK), digestOf(root));

function digestOf(root) {
  const hash = createHash('sha256');
  for (const file of [...READ, ...MADE].flatMap((path) => filesIn(root, path))) {
    const content = readFileSync(join(root, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** In one order always. */
function filesIn(root, path) {
  if (!existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesIn(root, `${path}/${name}`));
}
