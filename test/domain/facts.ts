/** Facts by kind and what matters of each, and any facts at all, for laws. */
import fc from 'fast-check';
import type { Contract } from '../../shared/domain/contract.js';
import type { DataPlaneAccount } from '../../shared/domain/data-plane.js';
import type { EventKey, Fact, FactData, FactKind, MadeCredential } from '../../shared/domain/fact.js';
import { foldContract } from '../../shared/domain/fold-contract.js';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import type { Route } from '../../shared/domain/route.js';
import { addSeconds, type Instant } from '../../shared/domain/values.js';
import { CONTRACT, type Written } from '../support/chains.js';
import { NOW, OWNER, PARTNER, REGION, request } from '../support/requests.js';

export const fact = <K extends FactKind>(kind: K, data: FactData[K]): Written => ({ kind, data }) as Written;
/** Facts a minute apart. The fold believes the hashes that it is given, so these are made up: to take real ones takes time. */
export const written = (facts: readonly Written[]): readonly Fact[] =>
  facts.map(
    (one, index) =>
      ({
        v: 1,
        seq: index + 1,
        at: at(index + 1),
        contractId: CONTRACT,
        by: 'a-step',
        nonce: 'n',
        prevHash: `hash-${index}`,
        hash: `hash-${index + 1}`,
        ...one,
      }) as Fact,
  );
export const fold = (...facts: readonly Written[]): Contract => foldContract(CONTRACT, written(facts));
/** When the fact of that sequence was written. */
export const at = (seq: number): Instant => addSeconds(NOW, (seq - 1) * 60);
export const key = (id: string): EventKey => ({ source: 'contracts.a.example', id, contentHash: `of-${id}` });

/** A lease that begins so many seconds from `NOW`. */
export const leasedFrom = (seconds: number): OnboardingRequest => {
  const { lease } = request();
  return request({ lease: { ...lease, startsAt: addSeconds(NOW, seconds) } });
};

export const requested = (asked: OnboardingRequest = request(), id = 'asked'): Written =>
  fact('requested', {
    event: key(id),
    request: asked,
    owner: OWNER,
    roleName: roleNameOf(CONTRACT),
    planHash: `plan-of-${id}`,
  });
export const approved = (of: number): Written =>
  fact('approved', { of, by: 'auto-approval', planHash: 'plan-of-asked' });
const granting = { nonce: 'n', externalId: 'x', verifierExternalId: 'v' };
export const activated = fact('activated', { roleArn: 'arn', proofs: [] });
/** A contract under which access was given, in six facts: what comes next is the seventh. */
export const ACTIVE: readonly Written[] = [
  requested(),
  approved(1),
  fact('granting', granting),
  fact('role-created', { roleId: 'role-1', policies: ['p-1', 'p-2'] }),
  fact('verified', { proofs: [] }),
  activated,
];

export const amendmentRequested = (revision: number, asked: OnboardingRequest = request()): Written =>
  fact('amendment-requested', {
    event: key(`revision-${revision}`),
    request: asked,
    revision,
    planHash: `plan-of-${revision}`,
    change: { widens: ['more'], narrows: [] },
  });
export const amending = (revision: number, ...policies: readonly string[]): Written =>
  fact('amending', { revision, policies });
export const amended = (revision: number, ...policies: readonly string[]): Written =>
  fact('amended', { revision, change: { widens: ['more'], narrows: [] }, policies, proofs: [] });

export const suspending = (id: string): Written =>
  fact('suspending', { event: key(id), suspension: id, by: 'anna', reason: `because of ${id}` });
export const resuming = (id: string): Written =>
  fact('resuming', { event: key(`lift-${id}`), suspension: id, by: 'bert', reason: 'is over' });
export const resumed = (id: string, ...remaining: readonly string[]): Written =>
  fact('resumed', { suspension: id, remaining, proofs: [] });

export const drift = (action: FactData['drift-found']['action']): Written =>
  fact('drift-found', { findings: [], action, fingerprint: 'f', who: 'nobody known' });
export const ending = (id?: string): Written =>
  fact('ending', {
    reason: 'terminated',
    detail: 'as agreed',
    ...(id === undefined ? {} : { event: key(id) }),
  });

export const handingOver = (of: number): Written => fact('handing-over', { of, execution: 'e' });
export const made = (of: number, ...credentials: readonly MadeCredential[]): Written =>
  fact('credentials-made', { of, credentials });
export const handedOver = (of: number): Written => fact('handed-over', { of });
export const userCredential = (id: string, ...keyIds: readonly string[]): MadeCredential => ({
  kind: 'user',
  user: `${id}@b.example`,
  id,
  keyIds,
  hasPassword: true,
});
export const accountCredential = (account: string, instanceId = 'i-1'): MadeCredential => ({
  kind: 'account',
  account,
  instanceId,
});

export const account = (
  name: string,
  changes: Partial<Pick<DataPlaneAccount, 'pausesBy' | 'caveat'>> = {},
): DataPlaneAccount => ({
  instance: { product: 'kafka', region: REGION, instanceId: 'i-1' },
  account: name,
  entries: [],
  pausesBy: 'disabling',
  caveat: 'none',
  ...changes,
});
export const route = (rule: string, pattern = '{}'): Route => ({
  region: REGION,
  eventBus: 'orders',
  rule,
  description: 'd',
  pattern,
  to: {
    kind: 'bus',
    accountId: PARTNER,
    region: REGION,
    eventBus: 'in',
    roleName: 'publisher',
  },
});
export const doorsIntended = (accounts: readonly DataPlaneAccount[], routes: readonly Route[]): Written =>
  fact('side-doors-intended', { accounts, routes });
export const doorsSettled = (gone: readonly string[], lost: readonly string[] = []): Written =>
  fact('side-doors-settled', { steps: [], gone, lost, proofs: [] });

/** Few of each, so that facts are about the same things. */
const name = fc.constantFrom('a', 'b', 'c');
const names = fc.uniqueArray(name);
const of = fc.integer({ min: 1, max: 9 });
const event = fc.constantFrom('e-1', 'e-2', 'e-3').map(key);
const text = fc.constant('text');
const revision = fc.integer({ min: 1, max: 9 });
const instant = fc.integer({ min: -600, max: 600 }).map((seconds) => addSeconds(NOW, seconds));
const onboarding = fc.integer({ min: -600, max: 600 }).map(leasedFrom);
const proofs = fc.constant([]);
const reasons = fc.constant([]);
const change = fc.constant({ widens: [], narrows: [] });
const things = names.map((all) => all.map((one) => ({ name: one })));
const leftBehind = fc.array(
  fc.record({
    type: fc.constantFrom<('user' | 'role' | 'policy')[]>('user', 'role', 'policy'),
    name,
    given: names,
    next: text,
  }),
  { maxLength: 2 },
);
const credential = fc.oneof(
  fc.record({
    kind: fc.constant('user' as const),
    user: name,
    id: name,
    keyIds: names,
    hasPassword: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('account' as const), account: name, instanceId: name }),
);
const accounts = fc
  .uniqueArray(fc.record({ name, pausesBy: fc.constantFrom('disabling' as const, 'deletion' as const) }), {
    selector: (one) => one.name,
  })
  .map((all) => all.map(({ name: one, pausesBy }) => account(one, { pausesBy })));
const refusal = fc.record({ witness: text, unseen: names });
const empty = fc.constant({});

/** What a fact of each kind may say. */
const DATA: { readonly [K in FactKind]: fc.Arbitrary<FactData[K]> } = {
  requested: fc.record({
    event,
    request: onboarding,
    owner: fc.constant(OWNER),
    roleName: fc.constant(roleNameOf(CONTRACT)),
    planHash: name,
  }),
  rejected: fc.record({ event, reasons }),
  'awaiting-approval': fc.record({ of, planHash: name, until: instant, reasons }),
  approved: fc.record({ of, by: name, planHash: name }),
  declined: fc.record({ of, event, by: name, reason: text, jws: text }),
  granting: empty.map(() => granting),
  'role-created': fc.record({ roleId: name, policies: names }),
  probing: fc.record({ token: name }),
  'probing-over': fc.record({ token: name }),
  verified: fc.record({ proofs }),
  activated: fc.record({ roleArn: name, proofs }),
  'awaiting-grantee': fc.record({ until: instant }),
  opened: fc.record({ proofs }),
  'grantee-preparing': fc.record({ of }),
  'grantee-changed': fc.record({ of, users: things, roles: things }),
  'grantee-hindered': fc.record({ of, code: name, message: text }),
  'grantee-prepared': fc.record({ of }),
  'grantee-released': fc.record({ users: names, roles: names, leftBehind }),
  'handing-over': fc.record({ of, execution: name }),
  'hand-over-given-up': fc.record(
    {
      begun: of,
      unsettled: fc.record({ what: fc.constantFrom('made' as const, 'deleted' as const), of: fc.string() }),
    },
    { requiredKeys: ['begun'] },
  ),
  'credentials-made': fc.record({ of, credentials: fc.array(credential, { maxLength: 3 }) }),
  'handed-over': fc.record({ of }),
  'inventory-taken': fc.record({
    lists: fc.array(fc.record({ of: name, names }), { maxLength: 2 }),
    unseen: names,
  }),
  'inventory-compared': fc.record({ appeared: fc.constant([]), unseen: names }),
  'side-doors-intended': fc.record({ accounts, routes: names.map((all) => all.map((one) => route(one))) }),
  'side-doors-settled': fc.record({ steps: names, gone: names, lost: names, proofs }),
  'amendment-requested': fc.record({ event, request: onboarding, revision, planHash: name, change }),
  'amendment-dropped': fc.record({ revision, reasons }),
  'verified-before': fc.record({ revision, proofs }),
  amending: fc.record({ revision, policies: names }),
  'role-changed': fc.record({ steps: names }),
  amended: fc.record({ revision, change, policies: names, proofs }),
  'amendment-failed': fc.record({ revision, step: name, code: name }),
  suspending: fc.record({ event, suspension: name, by: name, reason: text }),
  suspended: refusal.chain((seen) => fc.record({ suspension: name }).map((one) => ({ ...seen, ...one }))),
  resuming: fc.record({ event, suspension: name, by: name, reason: text }),
  resumed: fc.record({ suspension: name, remaining: names, proofs }),
  'resume-failed': fc.record({ suspension: name, step: name, code: name }),
  warned: fc.record({ days: fc.constantFrom(30, 7, 1), expiresAt: instant }),
  'drift-found': fc.record({
    findings: fc.constant([]),
    action: fc.constantFrom<FactData['drift-found']['action'][]>(
      'reported',
      'healed',
      'suspended',
      'stopped-again',
    ),
    fingerprint: name,
    who: name,
  }),
  'drift-gone': fc.record({ how: fc.constantFrom('healed' as const, 'undone by hand' as const) }),
  ending: fc.oneof(
    fc.record({ reason: fc.constant('terminated' as const), detail: text, event }),
    fc.record({ reason: fc.constantFrom('expired' as const, 'failed' as const), detail: text }),
  ),
  cut: refusal,
  removed: fc.record({ tokenDeath: text, foreign: names }),
  ended: fc.record({ reason: fc.constant('terminated' as const), detail: text }),
  failed: fc.record({ step: name, code: name, next: text }),
};

export const KINDS = Object.keys(DATA) as readonly FactKind[];
export const someFactOf = (kind: FactKind): fc.Arbitrary<Written> =>
  (DATA[kind] as fc.Arbitrary<FactData[FactKind]>).map((data) => fact(kind, data));
export const someFact: fc.Arbitrary<Written> = fc.oneof(...KINDS.map(someFactOf));
/** Facts in any order, also in such as nobody would write: the fold must take what is there. */
export const someFacts = fc.array(someFact, { maxLength: 12 });
/** As `someFacts`, after access was given and an amendment asked for: most facts have something to be about. */
export const someLife = someFacts.map((facts) => [...ACTIVE, amendmentRequested(1), ...facts]);
export const someHistory = fc.oneof(someFacts, someLife);

export const active = (...facts: readonly Written[]): Contract => fold(...ACTIVE, ...facts);
/** All that a contract says, but for what it was folded from and where the last of that stands. */
export const gist = ({ facts: _, seq: __, hash: ___, changedAt: ____, ...rest }: Contract) => rest;

export const question = (of: number): FactData['awaiting-approval'] => ({
  of,
  planHash: 'plan-of-asked',
  until: at(600),
  reasons: [],
});
