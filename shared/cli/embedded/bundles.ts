/** Zips a function's built bundle: the bytes that are deployed are the bytes the embedded cloud runs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { FunctionToDeploy } from '../../domain/deployment.js';
import { projectRoot } from '../project.js';

/** By name, what is in a function's bundle; `undefined` when it was not built. */
export function bundleFiles({
  code,
}: Pick<FunctionToDeploy, 'code'>): Readonly<Record<string, Uint8Array>> | undefined {
  const folder = join(projectRoot, code);
  if (!existsSync(folder)) return undefined;
  return Object.fromEntries(
    readdirSync(folder).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))] as const),
  );
}

/** @throws {Error} when the bundle was not built */
export function zipBundle({ code, functionName }: FunctionToDeploy): Uint8Array {
  const files = bundleFiles({ code });
  if (files === undefined) throw new Error(`${functionName}: ${code} is missing; run "npm run build" first`);
  // Stored, not compressed: it only travels over loopback, and unpacking is on the way to a cold start.
  return zipSync(files, { level: 0, mtime: new Date('2026-01-01T00:00:00Z') });
}
