/** What there was before a partner could operate, and what is there besides once it cannot any more. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, chainOf } from '../../domain/contract.js';
import { BrokenPromiseError, nameOfError } from '../../domain/errors.js';
import type { Appeared, FactData } from '../../domain/fact.js';
import { type Grant, isSystemPolicyGrant } from '../../domain/grant.js';
import type { PolicyDocument } from '../../policy/index.js';
import { type InventoryList, inventoryOf } from '../../services/index.js';
import { readDocument } from '../plan/system-policies.js';
import { appendFact, appendWhenever } from '../register/register.js';
import { isClaimed } from '../side-doors/claims.js';

/** An instance has a few thousand topics at most; what is longer is not a list to compare. */
const MOST_PAGES = 100;
/** Things whose own content is listed, in one list. */
const MOST_INSIDE = 200;

type Read = { readonly names: readonly string[] } | { readonly unseen: string };

/**
 * Records what is there of what `grants` let a partner make, as far as that is not recorded yet. What cannot be read stops
 * nothing: it is told as unseen. May run twice. `lost`: another writer was first.
 */
export async function takeInventory(
  contract: Contract,
  grants: readonly Grant[],
  by: string,
  ports: Ports,
): Promise<{ readonly outcome: 'taken' | 'lost'; readonly contract: Contract }> {
  const { lists, unseen } = inventoryOf(grants, await documentsOf(grants, ports));
  const known = contract.inventory;
  const fresh = lists.filter(({ of }) => !known.lists.some((one) => one.of === of));
  const blind = unseen.filter((what) => !known.unseen.includes(what));
  if (fresh.length + blind.length === 0) return { outcome: 'taken', contract };
  const read = await readAll(fresh, ports);
  const data: FactData['inventory-taken'] = {
    lists: read.flatMap(([{ of }, found]) => ('names' in found ? [{ of, names: found.names }] : [])),
    unseen: [...blind, ...unseenIn(read)],
  };
  const result = await appendFact(contract, { kind: 'inventory-taken', data }, by, ports);
  return { outcome: result.outcome === 'appended' ? 'taken' : 'lost', contract: result.contract };
}

/** Records what is there now and was not then; once, and only of a contract that is ending. Holds up no end. */
export async function compareInventory(contract: Contract, by: string, ports: Ports): Promise<Contract> {
  const { inventory, activated, appeared, terms } = contract;
  if (activated === undefined || appeared !== undefined) return contract;
  if (inventory.lists.length + inventory.unseen.length === 0) return contract;
  // Every list that was ever taken: what an amendment took from the partner may hold what it left there.
  const wanted = inventoryOf(allGrants(terms)).lists;
  const isTaken = ({ of }: InventoryList) => inventory.lists.some((one) => one.of === of);
  // What is in a thing that is new was never taken: the thing itself is told.
  const read = (await readAll(wanted.filter(isTaken), ports)).filter(([list]) => isTaken(list));
  const found = read.flatMap(([list, now]) => ('names' in now ? newIn(list, now.names, inventory) : []));
  // This contract's own are gone, and another's are not this partner's doing.
  const claimed = await Promise.all(found.map(({ what }) => isClaimed(what, ports.evidence)));
  const data = {
    appeared: found.filter((_, index) => claimed[index] === false),
    unseen: [...inventory.unseen, ...unseenIn(read)],
  };
  return appendWhenever(
    contract,
    { kind: 'inventory-compared', data },
    by,
    ports,
    (now) => now.state === 'ending' && now.appeared === undefined,
  );
}

const allGrants = (terms: Contract['terms']): readonly Grant[] =>
  chainOf(terms).flatMap(({ request }) => request.grants);

function newIn(
  { of, next }: InventoryList,
  names: readonly string[],
  { lists }: Contract['inventory'],
): readonly Appeared[] {
  const before = new Set(lists.find((one) => one.of === of)?.names ?? []);
  return names.filter((name) => !before.has(name)).map((name) => ({ what: `${name}, ${of}`, next }));
}

const unseenIn = (read: readonly (readonly [InventoryList, Read])[]): readonly string[] =>
  read.flatMap(([{ of }, found]) => ('unseen' in found ? [`each ${of}: ${found.unseen}`] : []));

type Reading = readonly [InventoryList, Read];

/** The lists, and those of what is in what they name. */
async function readAll(lists: readonly InventoryList[], ports: Ports): Promise<readonly Reading[]> {
  const read = await Promise.all(
    lists.map(async (list): Promise<readonly Reading[]> => {
      const found = await readList(list, ports);
      if (!('names' in found) || list.inEach === undefined) return [[list, found]];
      if (found.names.length > MOST_INSIDE)
        return [
          [list, found],
          [{ ...list, of: `thing in each ${list.of}` }, { unseen: 'there are too many' }],
        ];
      const inside = await readAll(found.names.flatMap(list.inEach), ports);
      return [[list, found], ...inside];
    }),
  );
  return read.flat();
}

/** Of the vendor's policies among `grants`; one that cannot be read or understood is left out. */
async function documentsOf(
  grants: readonly Grant[],
  { ram }: Pick<Ports, 'ram'>,
): Promise<ReadonlyMap<string, PolicyDocument>> {
  const names = [...new Set(grants.filter(isSystemPolicyGrant).map(({ systemPolicy }) => systemPolicy))];
  const documents = new Map<string, PolicyDocument>();
  for (const name of names) {
    const text = await ram.readPolicy({ type: 'System', name });
    const document = text === undefined ? undefined : readDocument(text);
    if (document !== undefined) documents.set(name, document);
  }
  return documents;
}

/** All pages with the function's own rights. */
async function readList(list: InventoryList, { products, log }: Ports): Promise<Read> {
  const names: string[] = [];
  try {
    let { params } = list.call;
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const answer = await products.call({ ...list.call, params });
      if (answer.outcome !== 'allowed')
        return { unseen: `our own ${list.call.action} was answered ${answer.code}` };
      names.push(...list.findIn(answer.body));
      const more = list.after(answer.body, page, names.length);
      if (more === undefined) return { names: [...new Set(names)].sort() };
      params = { ...params, ...more };
    }
    return { unseen: 'there are too many' };
  } catch (error) {
    if (error instanceof BrokenPromiseError) throw error;
    log.warn({ action: list.call.action, error: nameOfError(error) }, 'a list could not be read');
    return { unseen: `${list.call.action} could not be read (${nameOfError(error)})` };
  }
}
