/**
 * Whose the names are that accounts and rules of contracts bear. Written before anything is made and never taken back, beside the
 * register: so that what bears our prefix and was never claimed is known for a stray, and where to look for one.
 *
 *     doors/<name>/<product>/<region>/<instance or bus>     the contract's id
 */
import type { EvidencePort } from '../../cloud/ports.js';
import type { DataPlaneInstance } from '../../domain/data-plane.js';
import type { Route } from '../../domain/route.js';
import { type ContractId, parseContractId, parseRegion } from '../../domain/values.js';
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

export async function readDoorClaims(evidence: Pick<EvidencePort, 'list'>): Promise<DoorClaims> {
  const keys = await evidence.list(PREFIX);
  const places = new Map(keys.map((key) => [key.split('/').slice(2).join('/'), key]));
  return {
    keys: new Map(keys.map((key) => [key.split('/')[1] ?? '', key])),
    places: [...places.keys()].flatMap(placeIn),
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

function placeIn(text: string): readonly DoorPlace[] {
  const [product, regionText = '', name = ''] = text.split('/');
  const region = parseRegion(regionText);
  if (product === 'eventbridge') return [{ kind: 'rule', bus: { region, eventBus: name } }];
  if (product === 'kafka' || product === 'rocketmq5' || product === 'rabbitmq')
    return [{ kind: 'account', instance: { product, region, instanceId: name } }];
  return []; // of a version that knows more products
}
