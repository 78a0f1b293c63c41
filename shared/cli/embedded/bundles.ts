/** A function's built bundle: the bytes that are deployed are the bytes the embedded cloud runs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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

/** As the build zipped it. @throws {Error} when it was not built */
export function zipBundle({
  code,
  functionName,
}: Pick<FunctionToDeploy, 'code' | 'functionName'>): Uint8Array {
  const file = join('dist', 'packages', `${basename(code)}.zip`);
  const path = join(projectRoot, file);
  if (!existsSync(path)) throw new Error(`${functionName}: ${file} is missing; run "npm run build" first`);
  return new Uint8Array(readFileSync(path));
}
