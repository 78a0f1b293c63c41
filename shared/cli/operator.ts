/** What an operator's command works with: the project's configuration over the environment, and his own keys. */
import { printable } from '../app/printable.js';
import type { Connection } from '../cloud/alibaba/connection.js';
import type { LogPort, Ports } from '../cloud/ports.js';
import { type Config, readConfig } from '../config.js';
import { connectionFrom, type RegisterOptions } from './connect.js';
import { readProject } from './project.js';

export interface Operator {
  readonly connection: Connection;
  readonly config: Config;
  readonly ports: Ports;
  /** What contract systems and people post to. */
  readonly inBus: string;
}

/** Loads what calls the cloud. @throws {Error} naming what is missing or wrong in the environment */
export async function operatorFrom(options: RegisterOptions): Promise<Operator> {
  const connection = connectionFrom(options);
  const env = environmentOf(options, connection);
  const { functions, values } = readProject({ env, accountId: connection.owner });
  const config = readConfig(functions[0]?.environmentVariables ?? {});
  const { portsOf } = await import('../compose.js');
  return {
    connection,
    config,
    ports: portsOf(connection, config, terminalLog),
    inBus: values.prefix,
  };
}

/** The environment, with what options say otherwise. */
export const environmentOf = (
  { bucket }: Pick<RegisterOptions, 'bucket'>,
  { region, owner, endpoint }: Connection,
): NodeJS.ProcessEnv => ({
  ...process.env,
  LEASEHOLD_REGION: region,
  LEASEHOLD_ACCOUNT: owner,
  LEASEHOLD_ENDPOINT: endpoint,
  ...(bucket === undefined ? {} : { LEASEHOLD_EVIDENCE_BUCKET: bucket }),
});

/** For a person who watches: on standard error, so that what a command prints can be piped on. */
export const terminalLog: LogPort = {
  info: (fields, message) => console.error(lineOf(message, fields)),
  warn: (fields, message) => console.error(`WARNING: ${lineOf(message, fields)}`),
};

const lineOf = (message: string, fields: Readonly<Record<string, unknown>>): string =>
  printable(
    `${message}  ${Object.entries(fields)
      .filter(([name, value]) => name !== 'contractId' && value !== undefined)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(' ')}`.trim(),
  );
