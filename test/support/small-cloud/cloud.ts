/**
 * As much of a cloud as most use cases need, in memory and without any network: one account with roles and policies, Kafka
 * instances, a register. For what must be tried from many thousand states. Values are replaced, never changed, so a copy is cheap.
 */
import type { Attachment, Tags } from '../../../shared/cloud/ports.js';
import { instantOf } from '../../../shared/domain/values.js';
import { type NaiveRequest, type NaiveVerdict, naiveVerdict } from '../../policy/naive-evaluator.js';
import { PARTNER } from '../requests.js';

const DENY_ALL = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';

export interface Right {
  readonly action: string;
  readonly resource: string;
}
export interface Role {
  readonly id: string;
  readonly trust: string;
  readonly maxSessionSeconds: number;
  readonly tags: Tags;
  readonly attached: readonly Attachment[];
}
export interface Policy {
  readonly versions: readonly { readonly id: string; readonly document: string }[];
  readonly defaultId: string;
  /** Of versions ever made. */
  readonly count: number;
  readonly tags: Tags;
}
export const policyOf = (document: string, tags: Tags = {}): Policy => ({
  versions: [{ id: 'v1', document }],
  defaultId: 'v1',
  count: 1,
  tags,
});
export const documentIn = (policy: Policy | undefined): string | undefined =>
  policy?.versions.find(({ id }) => id === policy.defaultId)?.document;

export class SmallCloud {
  readonly roles: Map<string, Role>;
  readonly policies: Map<string, Policy>;
  /** The register. What is there stays as it is. */
  readonly evidence: Map<string, string>;
  readonly index: Map<string, string>;
  /** Types of the events that were sent. */
  readonly told: Set<string>;
  /** Ids of the roles that ever let a partner in: sessions live as long as the role. */
  readonly entered: Set<string>;
  /** Epoch ms. */
  now: number;
  /** Of roles ever made. */
  made: number;

  constructor(from: number | SmallCloud) {
    const { now, made, ...maps } = from instanceof SmallCloud ? from : emptyAt(from);
    this.now = now;
    this.made = made;
    this.roles = new Map(maps.roles);
    this.policies = new Map(maps.policies);
    this.evidence = new Map(maps.evidence);
    this.index = new Map(maps.index);
    this.told = new Set(maps.told);
    this.entered = new Set(maps.entered);
  }

  /** Puts a role in its place, and keeps in mind whom it lets in. */
  setRole(name: string, role: Role): void {
    this.roles.set(name, role);
    if (role.trust.includes(PARTNER)) this.entered.add(role.id);
  }
  /** Documents of all that is attached to a role, in effect. */
  documentsOf(roleName: string): readonly string[] {
    const attached = this.roles.get(roleName)?.attached ?? [];
    return attached.map(({ policy }) => documentIn(this.policies.get(policy.name)) ?? DENY_ALL);
  }
  /** Whether whoever is in the role may do it. `now`: epoch ms. */
  may(roleName: string, { action, resource }: Right, now = this.now): boolean {
    const context = { 'acs:CurrentTime': instantOf(now), 'acs:SourceIp': '192.0.2.1' };
    return judge(this.documentsOf(roleName), { action, resource, context }) === 'Allow';
  }

  /** The same for clouds in which everything is the same, but for the index. */
  print(): string {
    const { roles, policies, evidence, told, entered } = this;
    const things = [roles, policies, evidence].map((map) =>
      [...map].map(([key, value]) => `${key} ${numberOf(value)}`).sort(),
    );
    return String(
      numberOf(JSON.stringify([this.now, this.made, things, [...told].sort(), [...entered].sort()])),
    );
  }
}

const emptyAt = (now: number) => ({
  now,
  made: 0,
  roles: new Map<string, Role>(),
  policies: new Map(['leasehold-ended', 'leasehold-suspended'].map((name) => [name, policyOf(DENY_ALL)])),
  evidence: new Map<string, string>(),
  index: new Map<string, string>(),
  told: new Set<string>(),
  entered: new Set<string>(),
});

const numbersOfTexts = new Map<string, number>();
const numbersOfThings = new WeakMap<object, number>();

/** One number for all that reads alike. */
export function numberOf(value: string | object): number {
  if (typeof value === 'object') {
    const known = numbersOfThings.get(value);
    if (known !== undefined) return known;
    const number = numberOf(JSON.stringify(value));
    numbersOfThings.set(value, number);
    return number;
  }
  const known = numbersOfTexts.get(value);
  if (known !== undefined) return known;
  numbersOfTexts.set(value, numbersOfTexts.size);
  return numbersOfTexts.size - 1;
}

const verdicts = new Map<string, NaiveVerdict>();

/** Judged by the naive evaluator; the same is asked many thousand times. */
export function judge(documents: readonly string[], request: NaiveRequest): NaiveVerdict {
  const key = JSON.stringify([documents.map(numberOf), request]);
  const known = verdicts.get(key);
  if (known !== undefined) return known;
  const verdict = naiveVerdict(documents, request);
  verdicts.set(key, verdict);
  return verdict;
}
