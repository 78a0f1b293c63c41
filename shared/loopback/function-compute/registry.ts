/** Which functions there are. Code is unpacked into a folder of its own when it is first run, which goes when the cloud closes. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize, sep } from 'node:path';
import { unzipSync } from 'fflate';
import type { Keeper, Table } from '../keep/keeper.js';
import { ApiError } from '../kernel.js';

export interface FunctionSettings {
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  readonly initializer?: string;
  readonly role?: string;
  readonly logConfig?: LogConfig;
  readonly memorySize: number;
  /** vCPU and megabytes; under 2.0 there is no telling. */
  readonly cpu?: number;
  readonly diskSize?: number;
  readonly timeoutSeconds: number;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly description: string;
}

export interface LogConfig {
  readonly project: string;
  readonly logstore: string;
}

export interface FunctionState extends FunctionSettings {
  readonly accountId: string;
  readonly region: string;
  /** Function Compute 2.0 only. */
  readonly service?: string;
  /** Where its code is, once `unpack` was called. */
  readonly folder: string;
  /** SHA-256 of the package; the service has a CRC-64 here. */
  readonly codeChecksum: string;
  readonly createdAt: string;
}

interface CodePackage {
  readonly zip: Buffer;
  readonly files: Files;
  isUnpacked: boolean;
}
/** By path within the package. */
type Files = ReadonlyMap<string, Uint8Array>;

/** By digest of the zip, as long as somebody has them: clouds of one process are mostly given the same code. */
const known = new Map<string, WeakRef<Files>>();

const RUNTIMES = new Set(['nodejs14', 'nodejs16', 'nodejs18', 'nodejs20']);
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** @throws {ApiError} `InvalidArgument` */
export function checkSettings(settings: FunctionSettings): void {
  const problems = [
    ...(NAME.test(settings.name) ? [] : [`function name "${settings.name.slice(0, 70)}"`]),
    ...(RUNTIMES.has(settings.runtime) ? [] : [`runtime "${settings.runtime}"`]),
    ...(/^[\w/-]+\.\w+$/.test(settings.handler) ? [] : [`handler "${settings.handler}"`]),
    ...(settings.memorySize >= 128 && settings.memorySize <= 32_768 && settings.memorySize % 64 === 0
      ? []
      : [`memorySize ${settings.memorySize}`]),
    ...(settings.timeoutSeconds >= 1 && settings.timeoutSeconds <= 86_400
      ? []
      : [`timeout ${settings.timeoutSeconds}`]),
    ...(Object.keys(settings.environmentVariables).every(
      (name) => /^[A-Za-z]\w*$/.test(name) && !name.startsWith('FC_'),
    )
      ? []
      : ['environmentVariables']),
    ...(JSON.stringify(settings.environmentVariables).length <= 4096
      ? []
      : ['environmentVariables longer than 4 KB']),
  ];
  if (problems.length > 0) throw new ApiError(400, 'InvalidArgument', `not valid: ${problems.join(', ')}`);
}

export class FunctionRegistry {
  readonly #functions = new Map<string, FunctionState>();
  /** By the folder that is theirs. */
  readonly #packages = new Map<string, CodePackage>();
  readonly #root = mkdtempSync(join(tmpdir(), 'leasehold-functions-'));
  /** Packages are kept beside, by digest: a change of settings does not write the code again. */
  readonly #kept: Table<Omit<FunctionState, 'folder'>>;

  constructor(private readonly keeper: Keeper) {
    this.#kept = keeper.table('function-compute/functions');
    for (const [key, state] of this.#kept.entries)
      this.#functions.set(key, {
        ...state,
        folder: this.#shelve(keeper.bytes(state.codeChecksum), state.codeChecksum),
      });
  }

  static key(
    at: Pick<FunctionState, 'accountId' | 'region' | 'name'> & { readonly service?: string },
  ): string {
    return `${at.accountId}/${at.region}/${at.service ?? ''}/${at.name}`;
  }

  get(key: string): FunctionState | undefined {
    return this.#functions.get(key);
  }
  set(state: FunctionState): void {
    const { folder: _, ...kept } = state;
    this.#functions.set(FunctionRegistry.key(state), state);
    this.#kept.put(FunctionRegistry.key(state), kept);
  }
  delete(key: string): boolean {
    this.#kept.remove(key);
    return this.#functions.delete(key);
  }
  in(accountId: string, region: string, service?: string): readonly FunctionState[] {
    return [...this.#functions.values()].filter(
      (one) => one.accountId === accountId && one.region === region && one.service === service,
    );
  }

  /** Takes a base64 zip. @throws {ApiError} `InvalidArgument` for what is no zip, or writes outside its folder */
  take(zipFile: string): { readonly folder: string; readonly codeChecksum: string } {
    const zip = Buffer.from(zipFile, 'base64');
    const codeChecksum = checksumOf(zip);
    const folder = this.#shelve(zip, codeChecksum);
    this.keeper.putBytes(zip);
    return { folder, codeChecksum };
  }

  #shelve(zip: Buffer, checksum: string): string {
    const files = known.get(checksum)?.deref() ?? filesIn(zip);
    known.set(checksum, new WeakRef(files));
    const folder = join(this.#root, `code-${this.#packages.size + 1}`);
    this.#packages.set(folder, { zip, files, isUnpacked: false });
    return folder;
  }

  /** Puts the code where it is run. May run twice. */
  unpack({ folder }: FunctionState): void {
    const code = this.#packageIn(folder);
    if (code.isUnpacked) return;
    code.isUnpacked = true;
    for (const directory of new Set([...code.files.keys()].map(dirname)))
      mkdirSync(join(folder, directory), { recursive: true });
    for (const [path, content] of code.files) writeFileSync(join(folder, path), content);
  }

  /** The code package, as it was sent. */
  packageOf({ folder }: FunctionState): Buffer {
    return this.#packageIn(folder).zip;
  }

  #packageIn(folder: string): CodePackage {
    const code = this.#packages.get(folder);
    if (code === undefined) throw new Error(`nothing was taken for ${folder}`);
    return code;
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

const checksumOf = (zip: Buffer): string => createHash('sha256').update(zip).digest('hex');

function filesIn(zip: Buffer): Files {
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(new Uint8Array(zip));
  } catch {
    throw new ApiError(400, 'InvalidArgument', 'the code package is no zip file');
  }
  return new Map(
    Object.entries(files)
      .filter(([name]) => !name.endsWith('/'))
      .map(([name, content]) => {
        const path = normalize(name);
        if (path.split(sep)[0] === '..')
          throw new ApiError(400, 'InvalidArgument', 'the code package has a file outside its folder');
        return [path, content];
      }),
  );
}
