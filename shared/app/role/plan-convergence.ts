/** The steps from what is on a role to what should be, in an order that never opens a gap nor more than both. Pure. */
import type { Attachment, Tags } from '../../cloud/ports.js';
import { allowedPairs } from '../plan/compare-plans.js';
import type { PlannedPolicy } from '../plan/plan-access.js';
import { isNamedAfter, type ObservedAccess } from './observe-access.js';
import type { WantedAccess } from './wanted-access.js';

export type AccessStep =
  | { readonly kind: 'createPolicy'; readonly policy: PlannedPolicy }
  | { readonly kind: 'attach'; readonly attachment: Attachment }
  | { readonly kind: 'setDocument'; readonly policy: PlannedPolicy }
  | { readonly kind: 'setMaxSession'; readonly seconds: number }
  | { readonly kind: 'setTrust'; readonly trust: string }
  | { readonly kind: 'setTags'; readonly tags: Tags }
  | { readonly kind: 'detach'; readonly attachment: Attachment }
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
 * None when all is as wanted. What is new is made and attached first (a stop before all else), then documents change, each
 * in one call, then the door, and what is no longer wanted goes last. So whatever stays granted is granted at every moment,
 * and no moment grants more than before and after together. A policy of ours that goes is deleted; another's is detached only; a stop stays.
 */
export function planConvergence(observed: ObservedAccess, wanted: WantedAccess): readonly AccessStep[] {
  const { role, documents, attachments, tags } = observed;
  const isThere = (one: Attachment) => attachments.some((there) => isSame(there, one));
  const isWanted = (one: Attachment) => wanted.attachments.some((there) => isSame(there, one));
  const changed = wanted.policies.filter(
    ({ name, text }) => documents[name] !== undefined && !isSameJson(documents[name], text),
  );
  const goes = attachments.filter((one) => !isWanted(one) && !wanted.stops.includes(one.policy.name));
  const wantedNames = new Set(wanted.policies.map(({ name }) => name));
  return [
    ...wanted.policies
      .filter(({ name }) => documents[name] === undefined)
      .map((policy): AccessStep => ({ kind: 'createPolicy', policy })),
    ...wanted.attachments
      .filter((one) => !isThere(one))
      .map((attachment): AccessStep => ({ kind: 'attach', attachment })),
    ...(gaplessOrder(changed, documents) ?? changed).map(
      (policy): AccessStep => ({ kind: 'setDocument', policy }),
    ),
    ...(role.maxSessionSeconds === wanted.maxSessionSeconds
      ? []
      : [{ kind: 'setMaxSession', seconds: wanted.maxSessionSeconds } as const]),
    ...(isSameJson(role.trust, wanted.trust) ? [] : [{ kind: 'setTrust', trust: wanted.trust } as const]),
    ...(Object.entries(wanted.tags).every(([key, value]) => tags[key] === value)
      ? []
      : [{ kind: 'setTags', tags: wanted.tags } as const]),
    ...goes.map((attachment): AccessStep => ({ kind: 'detach', attachment })),
    ...Object.keys(documents)
      .filter((name) => isNamedAfter(wanted.roleName, name) && !wantedNames.has(name))
      .map((name): AccessStep => ({ kind: 'deletePolicy', name })),
  ];
}

/**
 * `changed` in an order in which a right that moves from one document to another is in its new place before it leaves the
 * old one; `undefined` when rights move in a circle, so that no order does.
 */
export function gaplessOrder(
  changed: readonly PlannedPolicy[],
  documents: Readonly<Record<string, string>>,
): readonly PlannedPolicy[] | undefined {
  const pairsOf = (policy: Pick<PlannedPolicy, 'text' | 'resourceGroupId'>) =>
    new Set(allowedPairs(policy).map((pair) => JSON.stringify(pair)));
  const pages = changed.map((policy) => ({
    policy,
    before: pairsOf({ ...policy, text: documents[policy.name] ?? policy.text }),
    after: pairsOf(policy),
  }));
  type Page = (typeof pages)[number];
  /** Whether something leaves `from` for `to`: then `to` has to be written first. */
  const movesTo = (from: Page, to: Page): boolean =>
    [...from.before].some((pair) => !from.after.has(pair) && !to.before.has(pair) && to.after.has(pair));
  const order: Page[] = [];
  let left = pages;
  while (left.length > 0) {
    const next = left.find((page) => !left.some((other) => other !== page && movesTo(page, other)));
    if (next === undefined) return undefined;
    order.push(next);
    left = left.filter((page) => page !== next);
  }
  return order.map(({ policy }) => policy);
}

const isSame = (left: Attachment, right: Attachment): boolean =>
  left.policy.type === right.policy.type &&
  left.policy.name === right.policy.name &&
  left.resourceGroupId === right.resourceGroupId;

/** RAM may give a document back in other white space than it was given. */
export const isSameJson = (left: string, right: string): boolean =>
  JSON.stringify(JSON.parse(left)) === JSON.stringify(JSON.parse(right));
