/** Roles, policies, accounts and rules that bear our name or tag and belong to no contract that lives: told, never touched. */
import type { Ports, Settings, Tags } from '../../cloud/ports.js';
import { type Contract, isOverOrUnknown } from '../../domain/contract.js';
import { InvalidRequestError } from '../../domain/errors.js';
import type { DriftFinding } from '../../domain/fact.js';
import { sha256Hex } from '../../domain/sha256.js';
import { type ContractId, type Instant, parseContractId, secondsBetween } from '../../domain/values.js';
import { lookAtEach } from '../at-once.js';
import { objectIn } from '../inbound/step-input.js';
import { CONTRACT_TAG, DEPLOYMENT_TAG, otherDeploymentIn } from '../ours.js';
import { believedContract } from '../register/register.js';
import { claimantOf } from '../side-doors/claims.js';
import { announceUnanchored } from '../telling/outbound.js';
import { instantIn } from './lost-facts.js';
import { rebuildIndex } from './rebuild-index.js';

/** Something in the account that looks like ours. */
export interface Suspect {
  readonly kind: 'role' | 'policy' | 'account' | 'rule';
  readonly name: string;
  /** The instance or bus that it is on, for those that are on one. */
  readonly on?: string;
  /** It is seen from others of its kind as well, so that it is the same on whichever it was seen. */
  readonly isOnAll?: true;
  /** Where it is claimed, for those that are not roles or policies. */
  readonly claim?: string;
  /** What its tag says which contract it is of. */
  readonly tagged?: string;
}

const PREFIX = 'lease-';
const STRAYS_KEY = 'drift/strays';
const TELL_AGAIN_SECONDS = 24 * 3600;
/** Findings in one event, which has at most 60 KB. */
const MOST_FINDINGS = 50;

/** Everything that looks like ours, as RAM lists it, but for what belongs to `liveRoles` or says that another Leasehold made it. */
export async function listSuspects(
  liveRoles: ReadonlySet<string>,
  { ram, settings }: Pick<Ports, 'ram' | 'settings'>,
): Promise<readonly Suspect[]> {
  const [roles, policies, contracts, deployments] = await Promise.all([
    ram.listRoles(),
    ram.listPolicies(),
    ram.policiesTagged(CONTRACT_TAG),
    ram.policiesTagged(DEPLOYMENT_TAG),
  ]);
  const contractOf = new Map(contracts.map(({ name, value }) => [name, value]));
  const others = new Set(
    deployments
      .filter(({ value }) => isOfOther({ [DEPLOYMENT_TAG]: value }, settings))
      .map(({ name }) => name),
  );
  const all: readonly Suspect[] = [
    ...roles
      .filter(({ tags }) => !isOfOther(tags, settings))
      .map(({ name, tags }) => suspect('role', name, tags[CONTRACT_TAG])),
    ...policies
      .filter((name) => !others.has(name))
      .map((name) => suspect('policy', name, contractOf.get(name))),
  ];
  return all.filter(
    (one) =>
      (one.name.toLowerCase().startsWith(PREFIX) || one.tagged !== undefined) && !liveRoles.has(roleOf(one)),
  );
}

const isOfOther = (tags: Tags, settings: Settings): boolean =>
  otherDeploymentIn(tags, settings) !== undefined;

const suspect = (kind: Suspect['kind'], name: string, tagged: string | undefined): Suspect => ({
  kind,
  name,
  ...(tagged === undefined ? {} : { tagged }),
});

/** The role that a suspect is, or that its name says it was made for. RAM compares names without regard to case. */
const roleOf = ({ kind, name }: Suspect): string =>
  kind === 'role' ? name.toLowerCase() : name.toLowerCase().replace(/-\d+$/, '');

interface Stray extends Suspect {
  readonly contract: Contract | undefined;
  /** Whose it was or is, where the register of that contract cannot be believed. */
  readonly broken?: ContractId;
}

/**
 * Tells of every suspect that is a stray: to whom it belonged, and that nothing was done about it. What was told is told again
 * after a day. May run twice.
 */
export async function reportStrays(
  suspects: readonly Suspect[],
  { who, isWhole }: { readonly who: string; readonly isWhole: boolean },
  ports: Ports,
): Promise<void> {
  const strays = (await lookAtEach(suspects, (one) => judge(one, ports))).filter(
    (one): one is Stray => one !== undefined,
  );
  const told = toldIn(await ports.index.read(STRAYS_KEY));
  const now = ports.clock.now();
  const isDue = (at: Instant): boolean => at > now || secondsBetween(at, now) >= TELL_AGAIN_SECONDS;
  const isFresh = (stray: Stray): boolean => {
    const at = told.get(keyOf(stray));
    return at === undefined || isDue(at);
  };
  const fresh = strays.filter(isFresh);
  for (const [subject, group] of bySubject(fresh)) {
    for (let from = 0; from < group.length; from += MOST_FINDINGS)
      await announceStrays(subject, group.slice(from, from + MOST_FINDINGS), who, ports);
  }
  // What is gone is forgotten, so that it is told when it comes back; a look at a few says nothing of the others.
  const kept = isWhole
    ? strays.filter((one) => !isFresh(one)).map(keyOf)
    : [...told].filter(([, at]) => !isDue(at)).map(([key]) => key);
  const known = [...kept.map((key) => [key, told.get(key)]), ...fresh.map((one) => [keyOf(one), now])];
  if (fresh.length > 0 || kept.length < told.size)
    await ports.index.put(STRAYS_KEY, JSON.stringify(Object.fromEntries(known)));
}

/** When what was told, by its key. What cannot be read of it was not told: it is only told once more. */
function toldIn(text: string | undefined): ReadonlyMap<string, Instant> {
  return new Map(
    Object.entries(objectIn(text) ?? {}).flatMap(([key, value]) => {
      const at = instantIn(value);
      return at === undefined ? [] : [[key, at] as const];
    }),
  );
}

const keyOf = ({ kind, name, on, isOnAll, contract, broken }: Stray): string => {
  const state = broken === undefined ? (contract?.state ?? 'unknown') : 'broken';
  return [kind, name, ...(on === undefined || isOnAll ? [] : [on]), state].join(' ');
};

/** A stray with the contract it belonged to, if any and as far as is known; `undefined` for what belongs to one that is at work. */
async function judge(one: Suspect, ports: Ports): Promise<Stray | undefined> {
  const contractId = await ownerOf(one, ports);
  if (contractId === undefined) return { ...one, contract: undefined };
  const contract = await believedContract(contractId, ports.evidence);
  if (contract === undefined) return { ...one, contract, broken: contractId };
  if (isOverOrUnknown(contract))
    return { ...one, contract: contract.state === 'unknown' ? undefined : contract };
  if (isDoor(one)) return isDoorOf(contract, one.name) ? undefined : { ...one, contract };
  // Nobody looks for the role of a contract that the index knows.
  await rebuildIndex(contract, ports);
  return undefined;
}

const isDoor = ({ kind }: Suspect): boolean => kind === 'account' || kind === 'rule';

/** What a contract's register does not speak of any more was seen to be gone, and is there again. */
const isDoorOf = ({ sideDoors }: Contract, name: string): boolean =>
  sideDoors.accounts.some(({ account }) => account === name) ||
  sideDoors.routes.some(({ rule }) => rule === name);

/** By the claim of its name, or else by its tag. */
export async function ownerOf(
  one: Suspect,
  { evidence }: Pick<Ports, 'evidence'>,
): Promise<ContractId | undefined> {
  const role = roleOf(one);
  try {
    if (isDoor(one)) return one.claim === undefined ? undefined : await claimantOf(one.claim, evidence);
    const claimed = /^[a-z0-9.-]+$/.test(role) ? await evidence.read(`names/${role}`) : undefined;
    const text = claimed ?? one.tagged;
    return text === undefined ? undefined : parseContractId(text);
  } catch (error) {
    if (error instanceof InvalidRequestError) return undefined;
    throw error;
  }
}

function bySubject(strays: readonly Stray[]): ReadonlyMap<string, readonly Stray[]> {
  const groups = new Map<string, Stray[]>();
  for (const stray of strays) {
    const subject = stray.contract?.contractId ?? stray.broken ?? 'strays';
    groups.set(subject, [...(groups.get(subject) ?? []), stray]);
  }
  return groups;
}

async function announceStrays(
  subject: string,
  strays: readonly Stray[],
  who: string,
  ports: Ports,
): Promise<void> {
  const { contract, broken } = strays[0] ?? {};
  const findings = strays.map(findingOf);
  const key = `${subject} ${strays.map(keyOf).join()} ${ports.clock.now()}`;
  const data = {
    ...(broken === undefined ? {} : { contractId: broken }),
    ...(contract === undefined
      ? {}
      : {
          contractId: contract.contractId,
          state: contract.state,
          register: { seq: contract.seq, hash: contract.hash },
        }),
    findings,
    action: 'reported',
    who,
    next: 'look at it, and delete or rename it by hand; Leasehold deletes only what its register says it made',
  };
  await ports.evidence.create(
    `strays/${sha256Hex(key)}.json`,
    JSON.stringify({ at: ports.clock.now(), subject, ...data }),
  );
  await announceUnanchored('partner.access.drift-found', { key, subject }, data, ports);
  ports.log.warn({ subject, strays: strays.map(keyOf) }, 'strays found');
}

const CODES: Readonly<Record<Suspect['kind'], string>> = {
  role: 'STRAY_ROLE',
  policy: 'STRAY_POLICY',
  account: 'STRAY_ACCOUNT',
  rule: 'STRAY_RULE',
};

function findingOf({ kind, name: bare, on, tagged, contract, broken }: Stray): DriftFinding {
  const code = CODES[kind];
  const name = on === undefined ? bare : `${bare} on ${on}`;
  if (broken !== undefined)
    return {
      code,
      message: `${kind} ${name} is there, and what the register says of its contract ${broken} cannot be believed (REGISTER_BROKEN)`,
    };
  if (contract !== undefined)
    return {
      code,
      message: isOverOrUnknown(contract)
        ? `${kind} ${name} is there, though contract ${contract.contractId} is ${contract.state}`
        : `${kind} ${name} is there, though contract ${contract.contractId} does not have it any more`,
    };
  const mark =
    tagged === undefined ? 'bears our prefix' : `carries our tag, of contract ${tagged.slice(0, 64)}`;
  return { code, message: `${kind} ${name} ${mark} and is unknown to the register` };
}
