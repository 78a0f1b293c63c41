/** A role on paper: what steps do to it, and what it gives to whom at any moment. */
import { allowedPairs } from '../../../shared/app/plan/compare-plans.js';
import type { AccessPlan } from '../../../shared/app/plan/plan-access.js';
import { openTrust } from '../../../shared/app/plan/trust.js';
import type { ObservedAccess } from '../../../shared/app/role/observe-access.js';
import type { AccessStep } from '../../../shared/app/role/plan-convergence.js';
import type { WantedAccess } from '../../../shared/app/role/wanted-access.js';
import type { Attachment, PolicyRef } from '../../../shared/cloud/ports.js';
import type { Grant } from '../../../shared/domain/grant.js';
import { addSeconds, type Instant, parseInstant } from '../../../shared/domain/values.js';
import {
  authorize,
  type CompiledPolicies,
  compilePolicies,
  parsePolicy,
  parseTrustPolicy,
} from '../../../shared/policy/index.js';
import { OWNER, REGION } from '../../support/requests.js';

export type Observed = ObservedAccess;
export const STOPS: readonly string[] = ['leasehold-suspended', 'leasehold-ended'];
const VERIFIER = { roleArns: [`acs:ram::${OWNER}:role/leasehold-fn-verify`], externalId: 'v' };
const TAGS = { 'leasehold-contract': 'C-2026-0142', 'leasehold-nonce': 'n' };

/** Where grants are, or are not. */
export const GROUPS = ['rg-a', 'rg-b'] as const;

/** Enough topics fill more than one policy. */
export const manyTopics = (count: number): Grant => ({
  service: 'rocketmq',
  series: '4.x',
  access: 'publish',
  region: REGION,
  instanceId: 'MQ_1',
  topics: Array.from({ length: count }, (_, n) => `${'topic-with-a-name-'.repeat(2)}${n}`),
});

const stop = (name: string): Attachment => ({ policy: { type: 'Custom', name } });

export const wantedOf = (plan: AccessPlan, isSuspended: boolean, before?: AccessPlan): WantedAccess => ({
  roleName: plan.roleName,
  trust: openTrust(plan, 'x', VERIFIER),
  maxSessionSeconds: plan.maxSessionSeconds,
  policies: plan.policies,
  attachments: isSuspended ? [stop('leasehold-suspended'), ...plan.attachments] : plan.attachments,
  tags: TAGS,
  approved: before?.attachments ?? plan.attachments,
  stops: STOPS,
});

export const asPlanned = (plan: AccessPlan, trust: string): Observed => ({
  role: {
    name: plan.roleName,
    id: '1',
    arn: '',
    trust,
    maxSessionSeconds: plan.maxSessionSeconds,
  },
  tags: TAGS,
  attachments: plan.attachments,
  documents: Object.fromEntries(plan.policies.map(({ name, text }) => [name, text])),
});

/** The role after each step. */
export function simulate(steps: readonly AccessStep[], from: Observed): readonly Observed[] {
  const moments: Observed[] = [];
  let now = from;
  for (const step of steps) {
    now = apply(step, now);
    moments.push(now);
  }
  return moments;
}

const isSame = (left: Attachment, right: Attachment): boolean =>
  left.policy.name === right.policy.name && left.resourceGroupId === right.resourceGroupId;

function apply(step: AccessStep, now: Observed): Observed {
  const writing = (name: string, text: string): Observed => ({
    ...now,
    documents: { ...now.documents, [name]: text },
  });
  switch (step.kind) {
    case 'createPolicy':
      if (step.policy.name in now.documents) throw new Error(`${step.policy.name} exists`);
      return writing(step.policy.name, step.policy.text);
    case 'setDocument':
      return writing(step.policy.name, step.policy.text);
    case 'narrowDocument':
      return writing(step.name, step.text);
    case 'attach':
      return { ...now, attachments: [...now.attachments, step.attachment] };
    case 'detach':
      return { ...now, attachments: now.attachments.filter((one) => !isSame(one, step.attachment)) };
    case 'setMaxSession':
      return { ...now, role: { ...now.role, maxSessionSeconds: step.seconds } };
    case 'setTrust':
      return { ...now, role: { ...now.role, trust: step.trust } };
    case 'setTags':
      return { ...now, tags: { ...now.tags, ...step.tags } };
    case 'deletePolicy': {
      if (now.attachments.some(({ policy }) => policy.name === step.name))
        throw new Error(`${step.name} is attached`);
      const { [step.name]: _, ...documents } = now.documents;
      return { ...now, documents };
    }
  }
}

const VENDORS: Readonly<Record<string, string>> = {
  AdministratorAccess: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
  AliyunKafkaReadOnlyAccess:
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":["alikafka:Get*","alikafka:List*"],"Resource":"*"}]}',
};
const textOf = ({ type, name }: PolicyRef, { documents }: Observed): string => {
  if (STOPS.includes(name))
    return '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
  const text = type === 'System' ? VENDORS[name] : documents[name];
  if (text === undefined) throw new Error(`${name} is attached and does not exist`);
  return text;
};

export interface Standpoint {
  readonly at: Instant;
  readonly ip: string;
  /** The resource group that all of it is in. */
  readonly group: string;
  /** What is asked for. */
  readonly pairs: readonly { readonly action: string; readonly resource: string }[];
}

/** Times around the leases' ends, places inside and outside, and things that the plan or a hand may allow. */
export function standpointsOf({ policies }: WantedAccess): readonly Standpoint[] {
  const planned = policies.flatMap(allowedPairs).map(({ action, resource }) => ({
    action: action.replace('*', 'X'),
    resource: resource.replaceAll('*', 'x'),
  }));
  const pairs = [
    ...planned.filter((_, n) => n % Math.ceil(planned.length / 20) === 0),
    ...planned.slice(-3),
    { action: 'ram:CreateUser', resource: `acs:ram:*:${OWNER}:user/x` },
    { action: 'alikafka:ListInstance', resource: '*' },
    { action: 'mq:PUB', resource: `acs:mq:x:${OWNER}:MQ_1%t-1` },
  ];
  const times = [
    '2026-11-30T00:00:00Z',
    '2027-01-01T00:00:00Z',
    '2027-06-02T12:00:00Z',
    '2027-07-01T00:00:00Z',
  ];
  return times.flatMap((at) =>
    ['198.51.100.7', '203.0.113.1'].flatMap((ip) =>
      GROUPS.map((group) => ({ at: addSeconds(parseInstant(at), 0), ip, group, pairs })),
    ),
  );
}

export function rightsOf(role: Observed, { at, ip, group, pairs }: Standpoint): ReadonlySet<string> {
  const sets = { accountLevel: compiledOf(role, undefined), resourceGroupLevel: compiledOf(role, group) };
  const context = { 'acs:CurrentTime': at, 'acs:SourceIp': ip };
  return new Set(
    pairs
      .filter((pair) => authorize({ ...pair, context }, sets).effect === 'allow')
      .map((pair) => JSON.stringify(pair)),
  );
}

/** Asked from many standpoints of one moment. */
const compiled = new WeakMap<Observed, Map<string | undefined, CompiledPolicies>>();
function compiledOf(role: Observed, scope: string | undefined): CompiledPolicies {
  const known = compiled.get(role) ?? new Map<string | undefined, CompiledPolicies>();
  compiled.set(role, known);
  const policies =
    known.get(scope) ??
    compilePolicies(
      role.attachments
        .filter(({ resourceGroupId }) => resourceGroupId === scope)
        .map(({ policy }) => ({ name: policy.name, document: parsePolicy(textOf(policy, role)) })),
    );
  known.set(scope, policies);
  return policies;
}

/** Who may enter, and on what terms. */
export const doorOf = ({ role }: Observed): ReadonlySet<string> =>
  new Set(
    parseTrustPolicy(role.trust).statements.flatMap(({ principals, condition }) =>
      principals.ram.map((principal) => JSON.stringify([principal, condition])),
    ),
  );
