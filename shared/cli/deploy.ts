/** `leasehold deploy`: what `s deploy` has no component for. `s.yaml` runs it; it may also be run alone, and twice. */
import { Command } from 'commander';
import { describeStep } from '../app/deployment/plan-deploy.js';
import { type ConnectOptions, connectionFrom, withConnectOptions } from './connect.js';
import { environmentOf } from './operator.js';
import { readProject } from './project.js';

interface Options extends ConnectOptions {
  readonly dryRun?: true;
}

/** Functions of 2.0 are sent whole, so a call may take longer than others. */
const PATIENCE_MILLISECONDS = 60_000;

export function deployCommand(): Command {
  return withConnectOptions(new Command('deploy'))
    .description('make the buses and clocks that Resource Orchestration has no type for; part of `s deploy`')
    .option('--dry-run', 'only say what would be made')
    .action(async (options: Options) => {
      const connection = { ...connectionFrom(options), timeoutMilliseconds: PATIENCE_MILLISECONDS };
      const env = environmentOf({}, connection);
      const deployment = readProject({ env, accountId: connection.owner });
      const { deployBeyondStacks, planBeyondStacks } = await import('./deploy-beyond-stacks.js');
      const steps = await (options.dryRun ? planBeyondStacks : deployBeyondStacks)(deployment, connection);
      for (const step of steps) console.log(describeStep(step));
      if (steps.length === 0) console.log('nothing to do: buses and clocks are as they should be');
    });
}
