/** Buses, rules and clocks that are there against those that should be. Pure. */
import { sayTheSame } from '../../domain/canonical-json.js';
import type { Deployed, DeployedRule, TargetThere } from '../../domain/deployed.js';
import type { Deployment, RuleToDeploy, ScheduleThere, TargetToDeploy } from '../../domain/deployment.js';
import { error, extra, type Finding, ofSeen } from './finding.js';

type Events = Pick<Deployed, 'buses' | 'rules' | 'schedules'>;

export const judgeEvents = (
  { buses, rules, schedules, values }: Deployment,
  there: Events,
  others: readonly string[],
): readonly Finding[] => [
  ...ofSeen('event buses', there.buses, (found) =>
    buses
      .filter((bus) => !found.some(({ name }) => name === bus.name))
      .map(({ name }) => error('BUS_MISSING', `bus ${name}`, 'it is not there: nothing can be posted to it')),
  ),
  ...ofSeen('rules', there.rules, (found) => [
    ...rules.flatMap((rule) => judgeRule(rule, found)),
    ...found
      .filter(({ bus, name }) => !rules.some((one) => one.bus === bus && one.name === name))
      .filter(({ name }) => !others.some((prefix) => name.startsWith(prefix)))
      .map(({ bus, name }) => extra('RULE_EXTRA', `rule ${name} on bus ${bus}`)),
  ]),
  ...ofSeen('clocks', there.schedules, (found) => [
    ...schedules.flatMap((schedule) => judgeSchedule(schedule, found)),
    ...found
      .filter(({ bus, name }) => !schedules.some((one) => one.bus === bus && one.name === name))
      .filter(({ name }) => name.startsWith(`${values.prefix}-`))
      .map(({ bus, name }) => extra('SCHEDULE_EXTRA', `clock ${name} on bus ${bus}`)),
  ]),
];

function judgeRule(rule: RuleToDeploy, found: readonly DeployedRule[]): readonly Finding[] {
  const what = `rule ${rule.name} on bus ${rule.bus}`;
  const there = found.find(({ bus, name }) => bus === rule.bus && name === rule.name);
  if (there === undefined) return [error('RULE_MISSING', what, 'it is not there: its events start nothing')];
  return [
    ...(there.isEnabled
      ? []
      : [
          error(
            'RULE_DISABLED',
            what,
            'it is switched off: its events start nothing',
            'switch it on, or run s deploy',
          ),
        ]),
    ...(sayTheSame(there.pattern, rule.pattern)
      ? []
      : [error('RULE_PATTERN', what, `it matches ${there.pattern} instead of ${rule.pattern}`)]),
    ...judgeTargets(rule.target, there.targets, what),
  ];
}

function judgeTargets(
  wanted: TargetToDeploy,
  targets: readonly TargetThere[],
  what: string,
): readonly Finding[] {
  const there = targets.find(({ Id }) => Id === wanted.Id);
  const strangers = targets
    .filter(({ Id }) => Id !== wanted.Id)
    .map(({ Id, Endpoint }) => `${Id} (${Endpoint})`);
  const toStrangers =
    strangers.length === 0
      ? []
      : [
          error(
            'RULE_TARGETS',
            what,
            `its events also go to ${strangers.join(', ')}`,
            'delete those targets',
          ),
        ];
  if (there === undefined)
    return [error('RULE_TARGETS', what, `it does not start ${wanted.Id}`), ...toStrangers];
  const [deadThere = 'none', deadWanted = 'none'] = [there.DeadLetterQueue?.Arn, wanted.DeadLetterQueue?.Arn];
  return [
    ...(isSameTarget(there, wanted)
      ? []
      : [
          error(
            'RULE_TARGETS',
            what,
            `it starts ${wanted.Id} otherwise than it should: ${paramsText(there)}`,
          ),
        ]),
    ...(there.PushRetryStrategy === wanted.PushRetryStrategy &&
    there.ErrorsTolerance === wanted.ErrorsTolerance
      ? []
      : [
          error(
            'RULE_RETRY',
            what,
            `${there.PushRetryStrategy}, tolerance ${there.ErrorsTolerance}, instead of ${wanted.PushRetryStrategy}, ${wanted.ErrorsTolerance}`,
          ),
        ]),
    ...(deadThere === deadWanted
      ? []
      : [error('RULE_DEAD_LETTERS', what, `dead letters go to ${deadThere} instead of ${deadWanted}`)]),
    ...toStrangers,
  ];
}

/** Parameters that the service adds as defaults are no difference. */
const isSameTarget = (there: TargetThere, wanted: TargetToDeploy): boolean =>
  there.Type === wanted.Type &&
  there.Endpoint === wanted.Endpoint &&
  wanted.ParamList.every((one) =>
    there.ParamList.some(
      ({ ResourceKey, Form, Value }) =>
        ResourceKey === one.ResourceKey && Form === one.Form && Value === one.Value,
    ),
  );

const paramsText = ({ Type, ParamList }: TargetThere): string =>
  `${Type} with ${ParamList.map(({ ResourceKey, Value }) => `${ResourceKey} ${Value}`).join(', ')}`;

function judgeSchedule(
  { name, bus, cron }: Deployment['schedules'][number],
  found: readonly ScheduleThere[],
): readonly Finding[] {
  const what = `clock ${name} on bus ${bus}`;
  const next = 'run leasehold deploy';
  const there = found.find((one) => one.name === name && one.bus === bus);
  if (there === undefined)
    return [error('SCHEDULE_MISSING', what, 'it is not there: what it should start is never started', next)];
  return there.cron === cron
    ? []
    : [error('SCHEDULE_CHANGED', what, `it strikes at ${there.cron} instead of ${cron}`, next)];
}
