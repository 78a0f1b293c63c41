/**
 * Code packages on disk. A function's is unpacked once a process, when it is first run, however many clouds have the same function:
 * to write its files takes longer than to run it. They go when the process ends.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { ApiError } from '../kernel.js';

/** Digests of packages that were looked into and can be unpacked. */
const checked = new Set<string>();
/** By function and digest. */
const folders = new Map<string, string>();
let root: string | undefined;

/** SHA-256 of a package; the service has a CRC-64 here. */
export const digestOf = (zip: Uint8Array): string => createHash('sha256').update(zip).digest('hex');

/** @throws {ApiError} `InvalidArgument` for what is no zip, or writes outside its folder */
export function checkPackage(zip: Uint8Array, digest: string): void {
  if (checked.has(digest)) return;
  filesIn(zip);
  checked.add(digest);
}

/** The folder in which a function's files are, no other function's. May run twice. */
export function folderOf(functionKey: string, digest: string, zip: Uint8Array): string {
  const key = `${functionKey} ${digest}`;
  const known = folders.get(key);
  if (known !== undefined) return known;
  const folder = join(rootFolder(), `code-${folders.size + 1}`);
  for (const [path, content] of filesIn(zip)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  folders.set(key, folder);
  return folder;
}

function rootFolder(): string {
  if (root !== undefined) return root;
  const made = mkdtempSync(join(tmpdir(), 'leasehold-functions-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  root = made;
  return made;
}

/** By path within the package. */
function filesIn(zip: Uint8Array): readonly (readonly [string, Uint8Array])[] {
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(new Uint8Array(zip));
  } catch {
    throw new ApiError(400, 'InvalidArgument', 'the code package is no zip file');
  }
  return Object.entries(files)
    .filter(([name]) => !name.endsWith('/'))
    .map(([name, content]) => {
      const path = normalize(name);
      if (path.split(sep)[0] === '..')
        throw new ApiError(400, 'InvalidArgument', 'the code package has a file outside its folder');
      return [path, content] as const;
    });
}
