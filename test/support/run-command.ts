import { vi } from 'vitest';
import { codeFor } from '../../shared/cli/exit-codes.js';
import { plainError } from '../../shared/cli/plain-error.js';
import { makeProgram } from '../../shared/cli/program.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `leasehold` in this process with these variables, with nobody at a terminal. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const [out, err]: [string[], string[]] = [[], []];
  const log = vi.spyOn(console, 'log').mockImplementation((text) => void out.push(`${text}\n`));
  const error = vi.spyOn(console, 'error').mockImplementation((text) => void err.push(`${text}\n`));
  const program = await makeProgram(args[0]);
  for (const each of [program, ...program.commands])
    each.exitOverride().configureOutput({ writeErr: (text) => void err.push(text) });
  process.exitCode = 0;
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (failure) {
    err.push(plainError(failure));
    process.exitCode = codeFor(failure);
  }
  const code = Number(process.exitCode);
  process.exitCode = 0;
  for (const spy of [log, error]) spy.mockRestore();
  vi.unstubAllEnvs();
  return { code, out: out.join(''), err: err.join('') };
}
