/** `leasehold waiting`: who waits for a turn to be written by RAM, and until when. */
import { Command } from 'commander';
import { printable, printableJson } from '../app/printable.js';
import { type LaneProgress, progressOf } from '../app/turns/progress.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { operatorFrom } from './operator.js';

interface WaitingOptions extends RegisterOptions {
  readonly json?: boolean;
}

export function waitingCommand(): Command {
  return withRegisterOptions(new Command('waiting'))
    .description('show who waits while RAM is given more than it takes, and when the last has its turn')
    .option('--json', 'print for machines')
    .action(async (options: WaitingOptions) => {
      const lanes = await progressOf((await operatorFrom(options)).ports);
      console.log(
        options.json === true ? printableJson(lanes) : lanes.map((lane) => printable(print(lane))).join('\n'),
      );
    });
}

const WORK = {
  attach: 'to be cut, stopped or granted',
  detach: 'to be removed',
} as const;
/** More are counted, not named. */
const NAMED = 5;

function print({ lane, waiting, writes, endsAt }: LaneProgress): string {
  if (waiting.length === 0) return `nobody waits ${WORK[lane]}`;
  const next = waiting.slice(0, NAMED).map(({ contractId }) => contractId);
  const more = waiting.length > NAMED ? `, and ${waiting.length - NAMED} more` : '';
  const until = endsAt === undefined ? '' : `; the last about ${endsAt}`;
  return `${waiting.length} wait ${WORK[lane]} (${writes} calls)${until}; next: ${next.join(', ')}${more}`;
}
