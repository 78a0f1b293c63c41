/** Step FindDrift: which contracts are to be looked at now, and what in the account looks like ours and belongs to none. */
import type { Ports } from '../../cloud/ports.js';
import { isLive } from '../../domain/contract.js';
import { isRetriable, nameOfError } from '../../domain/errors.js';
import { roleNameOf } from '../../domain/role-name.js';
import { type ContractId, parseContractId, type RoleName } from '../../domain/values.js';
import {
  ABOUT_NOTHING,
  contractIdOf,
  type FailureInput,
  parseObject,
  saidOf,
} from '../inbound/step-input.js';
import { otherDeploymentIn } from '../ours.js';
import { GRANTEES_PREFIX } from '../register/index-entries.js';
import { believedContract } from '../register/register.js';
import { readable } from '../register/strange-keys.js';
import { BY_HAND } from '../role/report-drift.js';
import { reportFailure } from '../telling/report-failure.js';
import { type AuditedChange, auditedChangeOf } from './audited-change.js';
import { tellPutBack } from './lost-facts.js';
import { takeTurn } from './next-contracts.js';
import { rebuildLost } from './rebuild-index.js';
import { listDoorSuspects } from './stray-doors.js';
import { listSuspects, ownerOf, reportStrays, type Suspect } from './strays.js';

export interface DriftItem {
  readonly contractId: string;
  /** Whose change calls for the look; empty when its turn has come. */
  readonly who: string;
}
export interface FoundDrift {
  readonly items: readonly DriftItem[];
  /** How many this round has looked at, these included. */
  readonly looked: number;
  readonly isMore: boolean;
}

export type DriftCall =
  /** Their turn has come. */
  | { readonly kind: 'round'; readonly looked: number }
  /** Somebody asks for one. */
  | { readonly kind: 'contract'; readonly contractId: ContractId }
  /** Somebody changed something that may be ours. */
  | { readonly kind: 'change'; readonly event: Readonly<Record<string, unknown>> };

const CURSOR_KEY = 'drift/cursor';
/** More than any account has; the listing follows its pages. */
const EVERYBODY = 1_000_000;

/** A clock tick, `{looked}` for the next page, `{contractId}`, or an event of the audit trail. @throws {InvalidRequestError} */
export function parseDriftCall(input: Buffer): DriftCall {
  const event = parseObject(input);
  const { contractId, looked, type } = event;
  if (typeof type === 'string' && type.includes(':ActionTrail:')) return { kind: 'change', event };
  if (contractId !== undefined) return { kind: 'contract', contractId: contractIdOf(event) };
  return { kind: 'round', looked: Number.isSafeInteger(looked) ? Number(looked) : 0 };
}

/** Strays are told at once; contracts are handed on. May run twice: whose turn was taken away gets it in the next round. */
export async function findDrift(call: DriftCall, ports: Ports): Promise<FoundDrift> {
  switch (call.kind) {
    case 'round':
      return nextRound(call.looked, ports);
    case 'contract':
      return these([{ contractId: call.contractId, who: '' }]);
    case 'change': {
      const { prefix } = ports.settings.admission.protectedNames;
      const change = auditedChangeOf(call.event, prefix);
      return these(change === undefined || change.isOwn ? [] : await touchedBy(change, ports));
    }
  }
}

const these = (items: readonly DriftItem[]): FoundDrift => ({ items, looked: items.length, isMore: false });

async function nextRound(looked: number, ports: Ports): Promise<FoundDrift> {
  const { index, log } = ports;
  if (looked === 0) {
    await rebuildLost(ports);
    await tellPutBack(ports);
  }
  const listed = (await index.list(GRANTEES_PREFIX, EVERYBODY)).filter((key) => CONTRACT_KEY.test(key));
  const contracts = new Map(readable(listed, (key) => [key, contractIn(key)] as const, ports));
  const keys = [...contracts.keys()];
  if (looked === 0) await lookForStrays([...contracts.values()], ports);
  const { page, cursor, isMore } = takeTurn(keys, (await index.read(CURSOR_KEY)) ?? '', looked);
  if (page.length > 0) await index.put(CURSOR_KEY, cursor);
  log.info({ contracts: keys.length, page: page.length, looked, isMore }, 'looking for drift');
  const items = page
    .flatMap((key) => contracts.get(key) ?? [])
    .map((contractId) => ({ contractId, who: '' }));
  return { items, looked: looked + items.length, isMore };
}

/** What keeps strays from being looked for, or told, is told itself, and holds up no contract: theirs is the turn all the same. */
async function lookForStrays(contracts: readonly ContractId[], ports: Ports): Promise<void> {
  try {
    const liveRoles = new Set<string>(contracts.map(roleNameOf));
    const doors = await listDoorSuspects(ports);
    const suspects = [...(await listSuspects(liveRoles, ports)), ...doors.suspects];
    await reportStrays(suspects, { who: BY_HAND, isWhole: doors.isWhole }, ports);
    // Whoever looks in vain for ever must not be silent about it; the others were looked for.
    if (doors.failure !== undefined) await reportFailure(failureBy(doors.failure), ports);
  } catch (error) {
    // What may be otherwise in a moment the flow tries again, and tells when it gives up.
    if (isRetriable(error)) throw error;
    ports.log.warn({ error: nameOfError(error) }, 'strays could not be looked for');
    await reportFailure(failureBy(error), ports);
  }
}

function failureBy(error: unknown): FailureInput {
  const { name, message } = error instanceof Error ? error : { name: 'unknown', message: '' };
  return { ...ABOUT_NOTHING, step: 'FindDrift', ...saidOf(name, message) };
}

/** `grantees/<accountId>/<contractId>`; deeper keys claim users of the partner's, not contracts. */
const CONTRACT_KEY = /^grantees\/\d+\/([^/]+)$/;
/** @throws {InvalidRequestError} */
const contractIn = (key: string): ContractId => parseContractId(CONTRACT_KEY.exec(key)?.[1] ?? '');

/** The contracts whose roles or policies a change names; what belongs to none that lives is told as a stray. */
async function touchedBy({ roleNames, who }: AuditedChange, ports: Ports): Promise<readonly DriftItem[]> {
  const items: DriftItem[] = [];
  const suspects: Suspect[] = [];
  for (const name of roleNames) {
    const suspect: Suspect = { kind: 'role', name };
    const contractId = await ownerOf(suspect, ports);
    const contract =
      contractId === undefined ? undefined : await believedContract(contractId, ports.evidence);
    if (contract !== undefined && isLive(contract)) items.push({ contractId: contract.contractId, who });
    else if (await isThere(name, ports)) suspects.push(suspect);
  }
  await reportStrays(suspects, { who, isWhole: false }, ports);
  return items;
}

/** Not for what another Leasehold made: whoever it is of looks at it. */
async function isThere(role: RoleName, { ram, settings }: Ports): Promise<boolean> {
  if ((await ram.observeRole(role)) === undefined) return false;
  return otherDeploymentIn(await ram.tagsOfRole(role), settings) === undefined;
}
