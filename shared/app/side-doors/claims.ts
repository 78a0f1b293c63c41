/**
 * Whose the names are that accounts and rules of contracts bear. Written before anything is made and never taken back, beside the
 * register: so that what bears our prefix and was never claimed is known for a stray, and where to look for one.
 *
 *     doors/<name>/<product>/<region>/<instance or bus>     the contract's id
 */
import type { EvidencePort, Ports } from '../../cloud/ports.js';
import type { DataPlaneInstance } from '../../domain/data-plane.js';
import { InvalidRequestError } from '../../domain/errors.js';
import type { Route } from '../../domain/route.js';
import { type ContractId, parseContractId, parseRegion } from '../../domain/values.js';
import { readable } from '../register/strange-keys.js';
import type { Door } from './doors.js';

const PREFIX = 'doors/';
/** As `accountNameOf` and the names of rules have it. */
const OUR_NAME = /^lh-[0-9a-f]{16}\b/;

/** Where accounts or rules of contracts are, or were. */
export type DoorPlace =
  | { readonly kind: 'account'; readonly instance: DataPlaneInstance }
  | { readonly kind: 'rule'; readonly bus: Pick<Route, 'region' | 'eventBus'> };

export interface DoorClaims {
  /** By name. */
  readonly keys: ReadonlyMap<string, string>;
  readonly places: readonly DoorPlace[];
}

function keyOf(door: Door): string {
  if (door.kind === 'rule') {
    const { rule, region, eventBus } = door.route;
    return `${PREFIX}${rule}/eventbridge/${region}/${eventBus}`;
  }
  const { account, instance } = door.account;
  return `${PREFIX}${account}/${instance.product}/${instance.region}/${instance.instanceId}`;
}

/** May run twice. */
export async function claimDoors(
  contractId: ContractId,
  doors: readonly Door[],
  evidence: Pick<EvidencePort, 'create'>,
): Promise<void> {
  await Promise.all(doors.map((door) => evidence.create(keyOf(door), contractId)));
}

/** Whether `text` begins with the name of an account or rule that some contract made. */
export async function isClaimed(text: string, evidence: Pick<EvidencePort, 'list'>): Promise<boolean> {
  const [name] = OUR_NAME.exec(text) ?? [];
  return name !== undefined && (await evidence.list(`${PREFIX}${name}/`)).length > 0;
}

export async function readDoorClaims({
  evidence,
  log,
}: {
  readonly evidence: Pick<EvidencePort, 'list'>;
  readonly log: Ports['log'];
}): Promise<DoorClaims> {
  const claims = readable(await evidence.list(PREFIX), claimIn, { log });
  const places = new Map(claims.map(({ key, places }) => [key.split('/').slice(2).join('/'), places]));
  return {
    keys: new Map(claims.map(({ key, name }) => [name, key])),
    places: [...places.values()].flat(),
  };
}

/** @throws {InvalidRequestError} for what is no contract’s id */
export async function claimantOf(
  key: string,
  evidence: Pick<EvidencePort, 'read'>,
): Promise<ContractId | undefined> {
  const text = await evidence.read(key);
  return text === undefined ? undefined : parseContractId(text);
}

interface Claim {
  readonly key: string;
  readonly name: string;
  /** One, or none where it is of a version that knows more products. */
  readonly places: readonly DoorPlace[];
}

/** @throws {InvalidRequestError} for what is no key of a claim */
function claimIn(key: string): Claim {
  const [, name = '', product, regionText = '', on = ''] = key.split('/');
  if (name === '' || on === '') throw new InvalidRequestError('BAD_EVENT', `"${key}" claims no name`);
  const region = parseRegion(regionText);
  if (product === 'eventbridge')
    return { key, name, places: [{ kind: 'rule', bus: { region, eventBus: on } }] };
  if (product === 'kafka' || product === 'rocketmq5' || product === 'rabbitmq')
    return { key, name, places: [{ kind: 'account', instance: { product, region, instanceId: on } }] };
  return { key, name, places: [] };
}
