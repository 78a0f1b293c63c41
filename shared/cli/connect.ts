/** Which cloud the command talks to: the embedded one that `leasehold up` runs, or Alibaba Cloud with ordinary credentials. */
import type { Command } from 'commander';
import type { Connection } from '../cloud/alibaba/connection.js';
import { ENDPOINT, isParsed } from '../config.js';
import { InvalidRequestError } from '../domain/errors.js';
import { parseAccountId, parseRegion } from '../domain/values.js';

/** Options that every command talking to a cloud has. */
export interface ConnectOptions {
  readonly account?: string;
  readonly region: string;
  readonly endpoint?: string;
}

/** Options of every command that reads the register. */
export interface RegisterOptions extends ConnectOptions {
  readonly bucket?: string;
}

/** Adds them to a command, with the variables that set them otherwise; an empty one counts as unset, as in `s.yaml`. */
export const withConnectOptions = (command: Command): Command =>
  command
    .option('--account <id>', 'account of the resource owner', process.env['LEASEHOLD_ACCOUNT'] || undefined)
    .option('--region <id>', 'region of Leasehold', process.env['LEASEHOLD_REGION'] || 'cn-hangzhou')
    .option('--endpoint <host:port>', 'an embedded cloud', process.env['LEASEHOLD_ENDPOINT'] || undefined);

export const withRegisterOptions = (command: Command): Command =>
  withConnectOptions(command).option('--bucket <name>', 'evidence bucket; default: as the stage has it');

const DOMAIN = /^(?=.{4,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;

/**
 * `internal`, or domains by bucket, such as `leasehold-evidence=evidence.a.example,leasehold-index=index.a.example`.
 * @throws {Error} for anything else
 */
function waysToBuckets(text: string): NonNullable<Connection['oss']> {
  if (text === 'internal') return text;
  const pairs = text.split(',').map((pair) => pair.trim().split('='));
  if (
    !pairs.every(
      ([bucket = '', domain = '', ...more]) => bucket !== '' && DOMAIN.test(domain) && more.length === 0,
    )
  )
    throw new Error(
      'LEASEHOLD_OSS is neither "internal" nor a list of <bucket>=<domain of yours that is bound to it>',
    );
  return Object.fromEntries(pairs);
}

/**
 * Keys come from the variables that Alibaba Cloud's own tools read, or those of Serverless Devs, whose actions run commands of ours.
 * @throws {Error} naming every variable that is missing, or one that is wrong
 */
export function connectionFrom(options: ConnectOptions, env: NodeJS.ProcessEnv = process.env): Connection {
  const [accessKeyId, accessKeySecret, securityToken] = keysIn(env);
  const missing = [
    ...(accessKeyId === undefined ? ['ALIBABA_CLOUD_ACCESS_KEY_ID'] : []),
    ...(accessKeySecret === undefined ? ['ALIBABA_CLOUD_ACCESS_KEY_SECRET'] : []),
    ...(options.account === undefined ? ['LEASEHOLD_ACCOUNT (or --account)'] : []),
  ];
  if (accessKeyId === undefined || accessKeySecret === undefined || options.account === undefined) {
    throw new Error(`set ${missing.join(', ')}; "leasehold up" prints the values for its embedded cloud`);
  }
  refuseMistaken(options, options.account);
  const { LEASEHOLD_OSS: oss = '' } = env;
  return {
    region: options.region,
    owner: options.account,
    credentials: { accessKeyId, accessKeySecret, ...(securityToken === undefined ? {} : { securityToken }) },
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(oss === '' ? {} : { oss: waysToBuckets(oss) }),
    timeoutMilliseconds: 10_000,
  };
}

/** An embedded cloud may overlook them, and Alibaba Cloud is another host for each. @throws {InvalidRequestError} for all that are wrong */
function refuseMistaken({ region, endpoint }: ConnectOptions, account: string): void {
  const problems = [
    ...(isParsed(parseAccountId, account) ? [] : [`--account "${account}" is no account id of 16 digits`]),
    ...(isParsed(parseRegion, region) ? [] : [`--region "${region}" is no region such as cn-hangzhou`]),
    ...(endpoint === undefined || ENDPOINT.test(endpoint)
      ? []
      : [`--endpoint "${endpoint}" is no host:port`]),
  ];
  if (problems.length > 0) throw new InvalidRequestError('BAD_CONFIG', problems.join('; '));
}

/** Whether those of a command that `s deploy` runs would be found. */
export const hasKeys = (env: NodeJS.ProcessEnv = process.env): boolean => {
  const [accessKeyId, accessKeySecret] = keysIn(env);
  return accessKeyId !== undefined && accessKeySecret !== undefined;
};

const keysIn = (env: NodeJS.ProcessEnv): readonly (string | undefined)[] =>
  (!env['ALIBABA_CLOUD_ACCESS_KEY_ID'] && env['AccessKeyID']
    ? ['AccessKeyID', 'AccessKeySecret', 'SecurityToken']
    : ['ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET', 'ALIBABA_CLOUD_SECURITY_TOKEN']
  ).map((name) => env[name] || undefined);
