/** What of side doors is not as it was approved: what a person is told of it, and what would mend it. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { DriftFinding } from '../../domain/fact.js';
import type { Instant } from '../../domain/values.js';
import { entryText, routeText } from '../../services/index.js';
import type { AccessPlan } from '../plan/plan-access.js';
import {
  applyDoorStep,
  type DoorLook,
  type DoorPorts,
  type DoorStep,
  doorsOf,
  doorText,
  lookAtAll,
} from './doors.js';
import { isSwitchedOn, keepable } from './settle-side-doors.js';

export interface DoorDrift {
  readonly findings: readonly DriftFinding[];
  /** What would mend it; a new password is made by nobody but the next hand-over. */
  readonly steps: readonly DoorStep[];
  /** Whether one is open that should be closed. */
  readonly isOpen: boolean;
}

/** Reads only. */
export async function lookForDoorDrift(
  contract: Contract,
  plan: AccessPlan,
  ports: DoorPorts & Pick<Ports, 'clock'>,
): Promise<DoorDrift> {
  const now = ports.clock.now();
  const all = await lookAtAll(doorsOf(contract, plan, now), ports);
  const isDue = contract.owed.length > 0 || isToBegin(contract, now);
  const looks = all
    .filter(({ door }) => door.standing.isIntended && !(isDue && isUnhanded(door)))
    .map((look) => (isDue ? withoutOpening(look) : look));
  return {
    findings: looks.flatMap(findingsIn),
    steps: looks.flatMap(mendingSteps),
    isOpen: looks.some(isOpenUnasked),
  };
}

export async function mendDoors({ steps }: DoorDrift, ports: DoorPorts): Promise<void> {
  for (const step of steps) await applyDoorStep(step, ports);
}

/** Whether the lease has begun and its doors are to be opened still: the sweep comes for that within a minute, or after an outage. */
const isToBegin = ({ opened, activated, terms }: Contract, now: Instant): boolean => {
  const { startsAt } = terms?.request.lease ?? {};
  const isPutOff = activated !== undefined && startsAt !== undefined && activated.at < startsAt;
  return opened === undefined && isPutOff && startsAt <= now;
};

/** What is to be handed over still is somebody's work, not drift. */
const isUnhanded = (door: DoorLook['door']): boolean =>
  door.kind === 'account' && !door.standing.isHandedOver;

/** So is what is to be opened still. */
const withoutOpening = (look: DoorLook): DoorLook => ({
  ...look,
  steps: look.steps.filter((step) => !isSwitchedOn(step) && step.step.kind !== 'addEntry'),
});

const isUnclaimed = ({ door }: DoorLook): boolean =>
  door.kind === 'account' && door.goal === 'open' && !door.standing.isHandedOver;

/** An account that nobody holds is of no use to anybody: it goes. */
const mendingSteps = (look: DoorLook): readonly DoorStep[] =>
  isUnclaimed(look)
    ? look.steps.filter(({ step }) => step.kind === 'removeEntry' || step.kind === 'deleteAccount')
    : keepable(look);

const isOpenUnasked = ({ door, steps }: DoorLook): boolean =>
  door.goal !== 'open' &&
  (door.kind === 'account' ? steps.length > 0 : steps.some(({ step }) => step.kind === 'setEnabled'));

function findingsIn(look: DoorLook): readonly DriftFinding[] {
  const { door, refused, foreign, wider } = look;
  const text = doorText(door);
  return [
    ...refused.map(({ code, message }) => ({
      code,
      message,
      ...(code === 'ACL_OFF' ? { widens: [`everything on the instance, by ${text}`], narrows: [] } : {}),
    })),
    ...(door.goal === 'open' ? openFindings(look) : closedFindings(look)),
    ...wider.map((what) => ({ code: 'OPEN_TO_EVERYONE', message: what, widens: [what], narrows: [] })),
    ...foreign.map((id) => ({
      code: 'FOREIGN_TARGET',
      message: `target ${id} was put on ${text}; it goes with the rule`,
      widens: [`the same events to target ${id}`],
      narrows: [],
    })),
  ];
}

/** One of a door that should be closed, whatever is left of it. */
function closedFindings(look: DoorLook): readonly DriftFinding[] {
  if (!isOpenUnasked(look)) return [];
  const text = doorText(look.door);
  return [
    { code: 'DOOR_OPEN', message: `${text} is there, and should not be open`, widens: [text], narrows: [] },
  ];
}

function openFindings(look: DoorLook): readonly DriftFinding[] {
  const { door, steps } = look;
  const text = doorText(door);
  if (isUnclaimed(look) && steps.some(({ step }) => step.kind === 'deleteAccount'))
    return [{ code: 'ACCOUNT_UNCLAIMED', message: `nobody holds the password of ${text}` }];
  const isNew = steps.some(({ step }) => step.kind === 'createRule');
  return steps.flatMap(({ step }): readonly DriftFinding[] => {
    switch (step.kind) {
      case 'createAccount':
        return [
          { code: 'ACCOUNT_GONE', message: `${text} does not exist any more`, widens: [], narrows: [text] },
        ];
      case 'addEntry':
        return [aclChanged(`${text} lost ${entryText(step.entry)}`, [], [entryText(step.entry)])];
      case 'removeEntry':
        return [aclChanged(`${text} was given ${entryText(step.entry)}`, [entryText(step.entry)], [])];
      case 'createRule':
        return [
          { code: 'RULE_GONE', message: `${text} does not exist any more`, widens: [], narrows: [text] },
        ];
      case 'setEnabled':
        return isNew
          ? []
          : [{ code: 'DOOR_SHUT', message: `${text} was switched off`, widens: [], narrows: [text] }];
      case 'setPattern':
      case 'putTarget':
        return [ruleChanged(step.kind, look)];
      default:
        return []; // on the way to what another step says
    }
  });
}

const aclChanged = (
  message: string,
  widens: readonly string[],
  narrows: readonly string[],
): DriftFinding => ({
  code: 'ACL_CHANGED',
  message,
  widens,
  narrows,
});

/** What another pattern or target gives is not worked out: it may be more, and it is not what was approved. */
function ruleChanged(kind: 'setPattern' | 'putTarget', { door }: DoorLook): DriftFinding {
  const what = kind === 'setPattern' ? 'takes other events' : 'leads elsewhere, or otherwise';
  const wanted = door.kind === 'rule' ? [routeText(door.route)] : [];
  return {
    code: kind === 'setPattern' ? 'RULE_CHANGED' : 'TARGET_CHANGED',
    message: `${doorText(door)} ${what}`,
    widens: [`what ${doorText(door)} says now`],
    narrows: wanted,
  };
}
