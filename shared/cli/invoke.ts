/** `leasehold invoke <step> [event.json]`: runs one deployed step, for looking at it; flows do this otherwise. */
import { Command } from 'commander';
import { printableLines } from '../app/printable.js';
import { type ConnectOptions, connectionFrom, withConnectOptions } from './connect.js';
import { ANSWER_IS_NO } from './exit-codes.js';
import { readTextFile } from './read-file.js';

/** Longer than the longest step's time-out. */
const PATIENCE_MILLISECONDS = 620_000;

export function invokeCommand(): Command {
  return withConnectOptions(new Command('invoke'))
    .description('run one deployed step with an input, and print its reply')
    .argument('<step>', 'a step such as verify-access, or the ARN of a function (2.0 or 3.0)')
    .argument('[input.json]', 'its input; default {}')
    .option(
      '--prefix <name>',
      'what names of functions begin with',
      process.env['LEASEHOLD_PREFIX'] || 'leasehold',
    )
    .action(
      async (
        step: string,
        file: string | undefined,
        options: ConnectOptions & { readonly prefix: string },
      ) => {
        const connection = { ...connectionFrom(options), timeoutMilliseconds: PATIENCE_MILLISECONDS };
        const arn = step.startsWith('acs:')
          ? step
          : `acs:fc:${options.region}:${connection.owner}:functions/${options.prefix}-${step}/LATEST`;
        const { invokeFunction } = await import('../cloud/alibaba/functions.js');
        const { errorType, text } = await invokeFunction(
          arn,
          file === undefined ? '{}' : readTextFile(file),
          connection,
        );
        if (text === '') console.error(`${step} has run, and replies nothing`);
        else console.log(printableLines(text));
        if (errorType !== undefined) process.exitCode = ANSWER_IS_NO;
      },
    );
}
