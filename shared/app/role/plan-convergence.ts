/** The steps from what is on a role to what should be, in an order that never opens a gap nor more than both. Pure. */
import type { Attachment, Tags } from '../../cloud/ports.js';
import { inGroup, type PlannedPolicy } from '../plan/plan-access.js';
import { trustDiff } from './document-diff.js';
import { isNamedAfter, type ObservedAccess } from './observe-access.js';
import type { WantedAccess } from './wanted-access.js';
import { isSameAttachment, NOTHING, narrowed, orderTurns, type Turn, UNREAD } from './write-order.js';

/** `was`, where it is set, is what the step writes over: what a person is told has drifted. */
export type AccessStep =
  | { readonly kind: 'createPolicy'; readonly policy: PlannedPolicy }
  | {
      readonly kind: 'attach';
      readonly attachment: Attachment;
      readonly text?: string;
      readonly isStop?: boolean;
    }
  /** `revertedTo`: the version that was made the default one, where a later one still says what is wanted. */
  | {
      readonly kind: 'setDocument';
      readonly policy: PlannedPolicy;
      readonly was: string;
      readonly revertedTo?: string;
    }
  /** On the way to `setDocument`, where no order of whole documents would do. */
  | { readonly kind: 'narrowDocument'; readonly name: string; readonly text: string }
  | { readonly kind: 'setMaxSession'; readonly seconds: number; readonly was: number }
  | { readonly kind: 'setTrust'; readonly trust: string; readonly was: string }
  | { readonly kind: 'setTags'; readonly tags: Tags; readonly was: Tags }
  | { readonly kind: 'detach'; readonly attachment: Attachment; readonly text?: string }
  | { readonly kind: 'deletePolicy'; readonly name: string };

/** A step in plain words, for whoever reads the evidence. */
export function tellStep(step: AccessStep): string {
  switch (step.kind) {
    case 'createPolicy':
      return `policy ${step.policy.name} made`;
    case 'attach':
      return `policy ${step.attachment.policy.name} attached`;
    case 'setDocument':
      return `policy ${step.policy.name} given a new version`;
    case 'narrowDocument':
      return `policy ${step.name} narrowed on the way`;
    case 'setMaxSession':
      return `longest session set to ${step.seconds} s`;
    case 'setTrust':
      return 'trust policy set';
    case 'setTags':
      return 'tags set';
    case 'detach':
      return `policy ${step.attachment.policy.name} detached`;
    case 'deletePolicy':
      return `policy ${step.name} deleted`;
  }
}

/**
 * None when all is as wanted. A stop comes before all else, and a door that only closes at once after it; then what others have put on
 * the role goes, so that it is gone whatever comes of the rest. A door that opens waits until the rights behind it are as wanted. What
 * is new is made, and what is not attached is written, before it takes effect. Then policies come onto the role, change and go, in an
 * order in which no right that stays is missing for a moment and no moment gives more than before and after together; what a policy of
 * somebody else's denies is not looked at. A policy of ours that goes is deleted; another's is detached only; a stop stays.
 */
export function planConvergence(observed: ObservedAccess, wanted: WantedAccess): readonly AccessStep[] {
  const { role, documents, attachments, tags } = observed;
  const isStop = ({ policy }: Attachment) => wanted.stops.includes(policy.name);
  const isThere = (one: Attachment) => attachments.some((there) => isSameAttachment(there, one));
  const isWanted = (one: Attachment) => wanted.attachments.some((there) => isSameAttachment(there, one));
  const missing = wanted.attachments.filter((one) => !isThere(one));
  const wantedNames = new Set(wanted.policies.map(({ name }) => name));
  const door = doorStep(role.trust, wanted.trust);
  const goes = attachments.filter((one) => !isWanted(one) && !isStop(one));
  const isForeign = (one: Attachment) =>
    !wanted.approved.some((other) => isSameAttachment(one, other)) && textOf(one, documents) === undefined;
  return [
    ...missing.filter(isStop).map((attachment): AccessStep => ({ kind: 'attach', attachment, isStop: true })),
    ...door.closing,
    ...goes.filter(isForeign).map((attachment): AccessStep => ({ kind: 'detach', attachment })),
    ...outOfEffect(observed, wanted),
    ...inEffect(observed, wanted, {
      comes: missing.filter((one) => !isStop(one)),
      goes: goes.filter((one) => !isForeign(one)),
    }),
    ...(role.maxSessionSeconds === wanted.maxSessionSeconds
      ? []
      : [{ kind: 'setMaxSession', seconds: wanted.maxSessionSeconds, was: role.maxSessionSeconds } as const]),
    ...(Object.entries(wanted.tags).every(([key, value]) => tags[key] === value)
      ? []
      : [{ kind: 'setTags', tags: wanted.tags, was: tags } as const]),
    ...door.opening,
    ...Object.keys(documents)
      .filter((name) => isNamedAfter(wanted.roleName, name) && !wantedNames.has(name))
      .map((name): AccessStep => ({ kind: 'deletePolicy', name })),
  ];
}

/** One write in any case: a trust document changes as a whole. */
function doorStep(was: string, trust: string): Record<'closing' | 'opening', readonly AccessStep[]> {
  if (isSameJson(was, trust)) return { closing: [], opening: [] };
  const step = [{ kind: 'setTrust', trust, was }] as const;
  return trustDiff(was, trust).narrows.length === 0
    ? { closing: step, opening: [] }
    : { closing: [], opening: step };
}

/** What is missing is made, and what hangs on nothing is written: neither takes effect yet. */
function outOfEffect(
  { documents, attachments }: ObservedAccess,
  { policies }: WantedAccess,
): readonly AccessStep[] {
  return policies.flatMap((policy): readonly AccessStep[] => {
    const was = documents[policy.name];
    if (was === undefined) return [{ kind: 'createPolicy', policy }];
    return isOnRole(policy.name, attachments) || isSameJson(was, policy.text)
      ? []
      : [{ kind: 'setDocument', policy, was }];
  });
}

const isOnRole = (name: string, attachments: readonly Attachment[]): boolean =>
  attachments.some((one) => isOf(one, name));

type StepTurn = Turn & { readonly step: AccessStep };

/** What comes onto the role, changes on it and leaves it, in order. */
function inEffect(
  { documents, attachments }: ObservedAccess,
  { policies }: WantedAccess,
  { comes, goes }: Record<'comes' | 'goes', readonly Attachment[]>,
): readonly AccessStep[] {
  const changed = policies.flatMap((policy) => {
    const before = documents[policy.name];
    const isChanged = before !== undefined && isOnRole(policy.name, attachments);
    return isChanged && !isSameJson(before, policy.text) ? [{ policy, before }] : [];
  });
  const rewriteOf = ({ policy: { type, name } }: Attachment, place: 'goes' | 'comes') =>
    type === 'Custom' && changed.some(({ policy }) => policy.name === name)
      ? { rewrite: { policy: name, place } }
      : {};
  const coming = comes.map((attachment) => ({
    ...attachmentTurn('attach', attachment, policies.find(({ name }) => isOf(attachment, name))?.text),
    ...rewriteOf(attachment, 'comes'),
  }));
  const going = goes.map((attachment) => ({
    ...attachmentTurn('detach', attachment, textOf(attachment, documents)),
    ...rewriteOf(attachment, 'goes'),
  }));
  // What comes to where it is to be only once it is written takes no effect by that.
  const changing = changed.map(({ policy, before }) => ({
    ...changeTurn(policy, before),
    ...(isOnRole(policy.name, comes) ? { before: NOTHING, after: NOTHING } : {}),
    rewrite: { policy: policy.name, place: 'written' } as const,
  }));
  const order = orderTurns([...coming, ...changing, ...going]);
  if (order !== undefined) return order.map(({ step }) => step);
  const narrowing = changed.map(({ policy, before }): AccessStep => {
    const text = narrowed({ before, after: policy.text });
    return { kind: 'narrowDocument', name: policy.name, text };
  });
  // What one of them denies holds until whatever it denies is gone.
  const denying = (turn: Turn) => Number(turn.before !== UNREAD && turn.before.includes('"Deny"'));
  const leaving = [...going].sort((left, right) => denying(left) - denying(right));
  return [...narrowing, ...[...leaving, ...coming, ...changing].map(({ step }) => step)];
}

/** `undefined` of what is not read: the vendor's, and what does not bear the role's name. */
const textOf = ({ policy: { type, name } }: Attachment, documents: ObservedAccess['documents']) =>
  type === 'Custom' ? documents[name] : undefined;

const isOf = ({ policy }: Attachment, name: string): boolean =>
  policy.type === 'Custom' && policy.name === name;

function attachmentTurn(
  kind: 'attach' | 'detach',
  attachment: Attachment,
  text: string | undefined,
): StepTurn {
  const content = text ?? UNREAD;
  const [before, after] = kind === 'attach' ? [NOTHING, content] : [content, NOTHING];
  const step: AccessStep = { kind, attachment, ...(text === undefined ? {} : { text }) };
  return { step, before, after, ...inGroup(attachment.resourceGroupId) };
}

const changeTurn = (policy: PlannedPolicy, before: string): StepTurn => ({
  step: { kind: 'setDocument', policy, was: before },
  ...inGroup(policy.resourceGroupId),
  before,
  after: policy.text,
});

/** RAM may give a document back in other white space than it was given. */
export const isSameJson = (left: string, right: string): boolean =>
  JSON.stringify(JSON.parse(left)) === JSON.stringify(JSON.parse(right));
