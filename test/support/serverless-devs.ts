/** The ecosystem's own parser of `s.yaml`, and the stages' files of variables. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { vi } from 'vitest';

export interface ParsedStep {
  readonly projectName: string;
  readonly component: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** Of its own, those that belong to the command. */
  readonly actions: readonly ParsedAction[];
  /** Where `flow` says what is done in which order: those of one number are done at once. */
  readonly flowId?: number;
}
export interface ParsedAction {
  readonly value: string;
  readonly hookType: string;
  readonly path: string;
}
export interface ParsedSpec {
  readonly steps: readonly ParsedStep[];
  readonly yaml: {
    readonly use3x: boolean;
    readonly vars: Readonly<Record<string, string>>;
    readonly actions: readonly ParsedAction[];
  };
}
type Parser = new (
  file: string,
  options: { readonly argv: readonly string[]; readonly logger: object },
) => { start(): Promise<Unacted>; parseActions(actions: unknown, level: 'Project'): readonly ParsedAction[] };
type Unacted = Omit<ParsedSpec, 'steps'> & {
  readonly steps: readonly (Omit<ParsedStep, 'actions'> & { readonly actions?: unknown })[];
};

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** As `s deploy` reads it, with these variables, for the account whose keys are in the environment; the caller's home is not looked at. */
export async function parseWithServerlessDevs(
  accountId: string,
  env: Readonly<Record<string, string>> = {},
  command: 'deploy' | 'remove' = 'deploy',
): Promise<ParsedSpec> {
  const surroundings = { AccountID: accountId, AccessKeyID: 'id', AccessKeySecret: 'secret', ...env };
  vi.stubEnv('serverless_devs_config_home', mkdtempSync(join(tmpdir(), 'serverless-devs-')));
  for (const [name, value] of Object.entries(surroundings)) vi.stubEnv(name, value);
  try {
    const { default: Parse } = require('@serverless-devs/parse-spec') as { readonly default: Parser };
    const logger = Object.fromEntries(
      ['debug', 'warn', 'warnOnce', 'tips', 'info'].map((of) => [of, () => {}]),
    );
    const parser = new Parse(join(root, 's.yaml'), { argv: [command], logger });
    const { steps, ...rest } = await parser.start();
    // As the engine does when a step's turn has come.
    const acted = steps.map((step) => ({ ...step, actions: parser.parseActions(step.actions, 'Project') }));
    return { ...rest, steps: acted };
  } finally {
    vi.unstubAllEnvs();
  }
}

export const STAGES = ['staging', 'production'] as const;

/** The variables of a stage, as a shell reads them. */
export const variablesOf = (stage: (typeof STAGES)[number]): Readonly<Record<string, string>> =>
  parseEnv(readFileSync(join(root, `.env.${stage}`), 'utf8')) as Readonly<Record<string, string>>;
