/** What `leasehold doctor` finds. */
import { vi } from 'vitest';
import type { Finding } from '../../shared/app/doctor/finding.js';
import { makeProgram } from '../../shared/cli/program.js';
import type { Credentials } from '../../shared/cloud/alibaba/connection.js';
import type { World } from './world.js';

export interface Examined {
  readonly findings: readonly Finding[];
  readonly code: number;
}

interface As {
  readonly keys?: Credentials;
  readonly env?: Readonly<Record<string, string>>;
}

/** As an operator would see it who has the variables of this deployment, and looks from where it was built. */
export async function printedFor(
  { cloud }: World,
  args: readonly string[] = [],
  { keys = cloud.root, env = {} }: As = {},
): Promise<{ readonly text: string; readonly code: number }> {
  const deployed = cloud.deployment.functions[0]?.environmentVariables ?? {};
  const generation = { LEASEHOLD_FUNCTION_COMPUTE: cloud.deployment.generation };
  for (const [name, value] of Object.entries({ ...deployed, ...generation, ...env })) vi.stubEnv(name, value);
  vi.stubEnv('ALIBABA_CLOUD_ACCESS_KEY_ID', keys.accessKeyId);
  vi.stubEnv('ALIBABA_CLOUD_ACCESS_KEY_SECRET', keys.accessKeySecret);
  vi.stubEnv('ALIBABA_CLOUD_SECURITY_TOKEN', keys.securityToken);
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  await (await makeProgram('doctor')).parseAsync(['doctor', ...args], { from: 'user' });
  log.mockRestore();
  vi.unstubAllEnvs();
  const code = Number(process.exitCode);
  process.exitCode = 0;
  return { text: printed.join('\n'), code };
}

export async function examine(world: World, as: As = {}): Promise<Examined> {
  const { text, code } = await printedFor(world, ['--json'], as);
  return { findings: (JSON.parse(text) as Examined).findings, code };
}

/** What is worse than a note, as `<code> <what>`. */
export const troubles = ({ findings }: Examined): readonly string[] =>
  findings.filter(({ severity }) => severity !== 'note').map(({ code, what }) => `${code} ${what}`);
