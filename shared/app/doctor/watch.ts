/** What watches over Leasehold: logs, with all stacks, and alarms. It runs without, so that nobody answers there is only to be known. Pure. */
import type { Deployed, DeployedStack, Look } from '../../domain/deployed.js';
import type { Deployment, StackToDeploy } from '../../domain/deployment.js';
import { couldNotLook, DEPLOY_AGAIN, error, type Finding, ofSeen } from './finding.js';

export const judgeWatch = (
  { steps, alarms: wanted }: Deployment,
  { stacks, alarms }: Pick<Deployed, 'stacks' | 'alarms'>,
): readonly Finding[] => [
  ...steps.flatMap((step) => {
    if (step.kind !== 'stack') return [];
    const what = `stack ${step.toDeploy.name}, with its logs`;
    return ifWatched(what, stacks[step.toDeploy.name], (there) => judgeStack(step.toDeploy, there));
  }),
  ...(wanted.length === 0
    ? [
        {
          severity: 'note',
          code: 'NO_ALARMS',
          what: 'alarms',
          seen: 'LEASEHOLD_ALARM_CONTACTS is empty, so nothing rings',
          next: 'set it to a contact group of CloudMonitor and run leasehold alarms',
        } as const,
      ]
    : ifWatched('alarms', alarms, (there) => wanted.flatMap(({ name }) => judgeAlarm(name, there)))),
];

/** As `ofSeen`; a cloud that lacks the product is no error here. */
const ifWatched = <T>(
  what: string,
  look: Look<T> | undefined,
  judge: (seen: T) => readonly Finding[],
): readonly Finding[] =>
  look !== undefined && 'unseen' in look && look.unseen === 'no-such-product'
    ? [{ ...couldNotLook(what, look), severity: 'note' }]
    : ofSeen(what, look, judge);

/**
 * ROS ends every operation that succeeded in this; a rollback means that it did not. Of a resource that was imported it says no more than
 * IMPORT_COMPLETE. Source: ROS API reference, GetStack and ListStackResources.
 */
const IS_DONE = /^(?:CREATE|UPDATE|CHECK|IMPORT|IMPORT_CREATE|IMPORT_UPDATE)_COMPLETE$/;

/**
 * ROS updates no stack in such a state, and `s deploy` would update it, since it is there. Source: ROS "Update a stack", whose list of
 * states has no other that an operation ends in.
 */
const IS_STUCK = /^(?:CREATE_FAILED|CREATE_ROLLBACK_|IMPORT_CREATE_(?:FAILED|ROLLBACK_)|DELETE_FAILED)/;

function judgeStack({ name, template }: StackToDeploy, there: DeployedStack | undefined): readonly Finding[] {
  const what = `stack ${name}`;
  if (there === undefined)
    return [
      {
        severity: 'warning',
        code: 'STACK_MISSING',
        what,
        seen: 'it is not there: what it would make was made otherwise, or not at all',
        next: DEPLOY_AGAIN,
      },
    ];
  const lacking = Object.entries(template.Resources).filter(
    ([id]) => !IS_DONE.test(there.resources[id] ?? ''),
  );
  const logs = lacking.filter(([, { Type }]) => Type.startsWith('ALIYUN::SLS::'));
  return [
    ...(IS_DONE.test(there.status) && lacking.length === logs.length
      ? []
      : [
          error(
            'STACK_UNFINISHED',
            what,
            `${there.status}; not made: ${lacking.map(([id]) => id).join(', ') || 'nothing'}`,
            `read its events in the console of ROS, put right what they name,${IS_STUCK.test(there.status) ? ' delete it there, for in this state nothing updates it,' : ''} and run s deploy`,
          ),
        ]),
    ...(logs.length === 0
      ? []
      : [
          {
            severity: 'warning',
            code: 'LOGS_MISSING',
            what,
            seen: `not made: ${logs.map(([id]) => id).join(', ')}; functions run, and what they say is lost`,
            next: DEPLOY_AGAIN,
          } as const,
        ]),
  ];
}

function judgeAlarm(
  name: string,
  there: Extract<Deployed['alarms'], { readonly seen: unknown }>['seen'],
): readonly Finding[] {
  const what = `alarm ${name}`;
  const found = there.find((one) => one.name === name);
  if (found === undefined)
    return [
      error(
        'ALARM_MISSING',
        what,
        'it is not there',
        'run leasehold alarms, which says why where CloudMonitor refuses it',
      ),
    ];
  return [
    ...(found.isEnabled ? [] : [error('ALARM_OFF', what, 'it is switched off', 'switch it on')]),
    ...(found.isRinging
      ? [
          {
            severity: 'warning',
            code: 'ALARM_RINGING',
            what,
            seen: 'it rings',
            next: 'see "When an alarm rings" in workflows/README.md',
          } as const,
        ]
      : []),
  ];
}
