/** Flows that are there against those that should be, and how their executions fared. Pure. */
import type { Deployed, DeployedFlow } from '../../domain/deployed.js';
import type { Deployment, FlowToDeploy } from '../../domain/deployment.js';
import { counted } from '../counted.js';
import { error, extra, type Finding, ofSeen } from './finding.js';

export const judgeFlows = (
  { flows: wanted, rules, deadLetterBus, values }: Deployment,
  { flows }: Pick<Deployed, 'flows'>,
  others: readonly string[],
): readonly Finding[] =>
  ofSeen('flows', flows, (there) => {
    // What can't be delivered to this one has nowhere else to go.
    const last = new Set(rules.filter(({ bus }) => bus === deadLetterBus).map(({ target }) => target.Id));
    return [
      ...wanted.flatMap((one) => {
        const found = there.find(({ name }) => name === one.name);
        if (found === undefined)
          return [
            finding(
              'FLOW_MISSING',
              one.name,
              'it is not there: events that start it are retried, then dead letters',
            ),
          ];
        return [...judgeFlow(one, found, values.account), ...judgeFailures(found, last.has(one.name))];
      }),
      ...there
        .filter(({ name }) => !wanted.some((one) => one.name === name))
        .filter(({ name }) => !others.some((prefix) => name.startsWith(prefix)))
        .map(({ name }) => extra('FLOW_EXTRA', `flow ${name}`)),
    ];
  });

function judgeFlow(wanted: FlowToDeploy, there: DeployedFlow, account: string): readonly Finding[] {
  const role = `acs:ram::${account}:role/${wanted.roleName}`;
  return [
    ...(there.definition === wanted.definition
      ? []
      : [
          finding(
            'FLOW_EDITED',
            wanted.name,
            `its definition differs ${whereTheyDiffer(wanted.definition, there.definition)}`,
          ),
        ]),
    ...(there.role === role
      ? []
      : [
          finding(
            'FLOW_ROLE',
            wanted.name,
            `it runs under ${there.role || 'no role'} instead of ${wanted.roleName}`,
          ),
        ]),
  ];
}

function whereTheyDiffer(wanted: string, there: string): string {
  const [ours, theirs] = [wanted.split('\n'), there.split('\n')];
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  const line = at < 0 ? ours.length : at;
  return `from line ${line + 1} on: "${shown(theirs[line])}" instead of "${shown(ours[line])}"`;
}

/** One line of a flow is seldom longer. */
const MOST_CHARACTERS = 80;
const shown = (line: string | undefined): string =>
  line === undefined ? '(the end)' : line.trim().slice(0, MOST_CHARACTERS);

const judgeFailures = ({ name, failures }: DeployedFlow, isLast: boolean): readonly Finding[] =>
  ofSeen(`executions of flow ${name}`, failures, (bad) => {
    const [first] = bad;
    if (first === undefined) return [];
    const seen = `${counted(bad.length, 'execution')} of the last day ended badly, such as ${first.execution} (${first.status})`;
    return isLast
      ? [
          error(
            'EVENT_LOST',
            `flow ${name}`,
            `${seen}: dead letters that nobody was told of`,
            'read the input of these executions in the console, and post what they hold again',
          ),
        ]
      : [
          {
            severity: 'warning',
            code: 'FLOW_FAILED',
            what: `flow ${name}`,
            seen,
            next: 'read their history in the console; what the register knows of, the sweep starts again; where the last state is Unreported, post the event in their input again',
          },
        ];
  });

const finding = (code: Finding['code'], name: string, seen: string): Finding =>
  error(code, `flow ${name}`, seen);
