/** Which functions there are, and the packages of their code. */
import type { Keeper, Table } from '../keep/keeper.js';
import { ApiError } from '../kernel.js';
import { checkPackage, digestOf, folderOf } from './code-folders.js';

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
  readonly codeChecksum: string;
  readonly createdAt: string;
}

const RUNTIMES = new Set(['nodejs14', 'nodejs16', 'nodejs18', 'nodejs20']);
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

const DISK_MEGABYTES: readonly number[] = [512, 10_240];

/** 0.05 to 16 vCPU, each with 1 to 4 GB of memory. Source: Function Compute "Limits". */
const isProcessor = ({ cpu, memorySize }: FunctionSettings): boolean =>
  cpu === undefined || (cpu >= 0.05 && cpu <= 16 && memorySize >= cpu * 1024 && memorySize <= cpu * 4096);

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
    ...(isProcessor(settings) ? [] : [`cpu ${settings.cpu} with memorySize ${settings.memorySize}`]),
    ...(settings.diskSize === undefined || DISK_MEGABYTES.includes(settings.diskSize)
      ? []
      : [`diskSize ${settings.diskSize}`]),
    ...(Object.entries(settings.environmentVariables).every(
      ([name, value]) => /^[A-Za-z]\w*$/.test(name) && !name.startsWith('FC_') && typeof value === 'string',
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
  /** By checksum. */
  readonly #packages = new Map<string, Buffer>();
  /** Packages are kept beside: a change of settings does not write the code again. */
  readonly #kept: Table<FunctionState>;

  constructor(private readonly keeper: Keeper) {
    this.#kept = keeper.table('function-compute/functions');
    for (const [key, state] of this.#kept.entries) {
      this.#functions.set(key, state);
      this.#packages.set(state.codeChecksum, keeper.bytes(state.codeChecksum));
    }
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
    this.#functions.set(FunctionRegistry.key(state), state);
    this.#kept.put(FunctionRegistry.key(state), state);
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
  take(zipFile: string): { readonly codeChecksum: string } {
    const zip = Buffer.from(zipFile, 'base64');
    const codeChecksum = digestOf(zip);
    checkPackage(zip, codeChecksum);
    this.#packages.set(codeChecksum, zip);
    this.keeper.putBytes(zip);
    return { codeChecksum };
  }

  /** The code package, as it was sent. */
  packageOf({ codeChecksum }: FunctionState): Buffer {
    const zip = this.#packages.get(codeChecksum);
    if (zip === undefined) throw new Error(`nothing was taken of checksum ${codeChecksum}`);
    return zip;
  }

  /** Where its code can be run. */
  folderOf(state: FunctionState): string {
    return folderOf(FunctionRegistry.key(state), state.codeChecksum, this.packageOf(state));
  }
}
