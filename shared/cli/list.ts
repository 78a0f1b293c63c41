/** `leasehold list`: which contracts there are. */
import { Command, InvalidArgumentError } from 'commander';
import { printable, printableJson } from '../app/printable.js';
import { type ContractQuery, type Listed, listContracts } from '../app/register/list-contracts.js';
import { CONTRACT_STATES, type ContractState } from '../domain/contract.js';
import { addSeconds, type Instant, parseAccountId } from '../domain/values.js';
import { describeGrant } from '../services/index.js';
import { columnsOf, padded, shortened } from './columns.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { ANSWER_IS_NO } from './exit-codes.js';
import { operatorFrom } from './operator.js';

interface ListOptions extends RegisterOptions {
  readonly partner?: string;
  readonly due?: number;
  readonly state?: ContractState | 'any';
  readonly drift?: boolean;
  readonly resource?: string;
  readonly json?: boolean;
}

/** Of what is listed something is known. */
const STATES = CONTRACT_STATES.filter((state) => state !== 'unknown');

export function listCommand(): Command {
  return withRegisterOptions(new Command('list'))
    .description('list contracts; those that are over only when asked for')
    .option('--partner <accountId>', 'of this partner only')
    .option('--due <days>', 'whose lease ends within so many days, such as 30d', parseDays)
    .option('--state <state>', `one of ${STATES.join(', ')}; or any`, parseState)
    .option(
      '--resource <id>',
      'by which something may be done to this instance, bus, load balancer, server group or ECS instance; system policies count as all',
    )
    .option('--drift', 'of which something differs from what was approved')
    .option('--json', 'print for machines')
    .action(async (options: ListOptions) => {
      const { ports } = await operatorFrom(options);
      const listed = await listContracts(queryOf(options, ports.clock.now()), ports);
      console.log(options.json === true ? printableJson(listed.map(rowOf)) : printRows(listed.map(rowOf)));
      if (listed.some((one) => 'broken' in one)) process.exitCode = ANSWER_IS_NO;
    });
}

const SECONDS_A_DAY = 86_400;

function queryOf({ partner, due, state, drift, resource }: ListOptions, now: Instant): ContractQuery {
  return {
    ...(partner === undefined ? {} : { partner: parseAccountId(partner) }),
    ...(due === undefined ? {} : { endsBy: addSeconds(now, due * SECONDS_A_DAY) }),
    ...(state === undefined ? {} : { state }),
    ...(drift === undefined ? {} : { isDrifted: drift }),
    ...(resource === undefined ? {} : { about: resource }),
  };
}

function parseDays(text: string): number {
  const [, days] = /^(\d{1,5})d?$/.exec(text) ?? [];
  if (days === undefined) throw new InvalidArgumentError('days are wanted, such as 30d.');
  return Number(days);
}

function parseState(text: string): ContractState | 'any' {
  const state = text === 'any' ? text : STATES.find((one) => one === text);
  if (state === undefined) throw new InvalidArgumentError(`there is ${STATES.join(', ')}; or any.`);
  return state;
}

function rowOf(listed: Listed) {
  const { contractId } = listed;
  if ('broken' in listed) return { contractId, state: 'BROKEN', trouble: listed.broken };
  const { state, terms, suspensions, drift } = listed.contract;
  const { grantee, lease, grants = [] } = terms?.request ?? {};
  return {
    contractId,
    partner: grantee?.accountId,
    partnerName: grantee?.name,
    state,
    startsAt: lease?.startsAt,
    expiresAt: lease?.expiresAt,
    revision: terms?.revision,
    grants: grants.map(describeGrant),
    suspendedBy: suspensions.map(({ id, by }) => `${by} (${id})`),
    driftSince: drift?.at,
  };
}
type Row = ReturnType<typeof rowOf>;

const HEADS = [
  'CONTRACT',
  'PARTNER',
  'STATE',
  'FROM',
  'UNTIL',
  'REV',
  'GRANTS',
  'SUSPENDED BY',
  'DRIFT SINCE',
];
/** Longer ones end in dots: --json has them whole. */
const LONGEST_CELL = 60;

function printRows(rows: readonly Row[]): string {
  const cells = rows.map((row) => cellsOf(row).map((cell) => shortened(printable(cell), LONGEST_CELL)));
  const widths = HEADS.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => columnsOf(row[column] ?? ''))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const trouble = rows.flatMap((row) => ('trouble' in row ? [printable(`BROKEN: ${row.trouble}`)] : []));
  return [line(HEADS), ...cells.map(line), ...(rows.length === 0 ? ['(none)'] : []), ...trouble].join('\n');
}

function cellsOf(row: Row): readonly string[] {
  if ('trouble' in row) return [row.contractId, '', row.state, '', '', '', '', '', ''];
  const {
    contractId,
    partner,
    partnerName,
    state,
    startsAt,
    expiresAt,
    revision,
    grants,
    suspendedBy,
    driftSince,
  } = row;
  return [
    contractId,
    partner === undefined ? '' : `${partnerName} ${partner}`,
    state,
    startsAt ?? '',
    expiresAt ?? '',
    revision === undefined ? '' : String(revision),
    grants.join('; '),
    suspendedBy.join('; '),
    driftSince ?? '',
  ];
}
