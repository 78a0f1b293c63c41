/** What a probe grants when nobody says: reading of the first thing that is there, of what tells least. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import type { ResourceGrant } from '../../domain/grant.js';
import type { AccountId, Region } from '../../domain/values.js';
import { grantNeighbours } from '../../services/index.js';

/** Names nothing: what stands in for the name until there is one. */
const NOTHING = 'nothing';

/** A bus comes last: reading it shows its rules, with the addresses of their targets. There always is one. */
const kindsIn = (region: Region): readonly ((name: string) => ResourceGrant)[] => [
  (id) => ({ service: 'slb', access: 'read', region, kind: 'nlb', loadBalancerIds: [id] }),
  (id) => ({ service: 'slb', access: 'read', region, kind: 'alb', loadBalancerIds: [id] }),
  (id) => ({ service: 'slb', access: 'read', region, kind: 'clb', loadBalancerIds: [id] }),
  (instanceId) => ({ service: 'kafka', access: 'read', region, instanceId }),
  (eventBus) => ({ service: 'eventbridge', access: 'read', region, eventBus }),
];

/** `undefined` when nothing is there, or nothing that we may list. Names that begin with `prefix` are ours. */
export async function findProbeGrant(
  { owner, region, prefix }: { readonly owner: AccountId; readonly region: Region; readonly prefix: string },
  { products }: Pick<Ports, 'products'>,
): Promise<ResourceGrant | undefined> {
  for (const kind of kindsIn(region)) {
    for (const { list, findIn } of grantNeighbours(kind(NOTHING), owner)) {
      const reply = await products.call(list);
      const found = reply.outcome === 'allowed' ? findIn(reply.body) : [];
      const [name] = found.filter((one) => !one.startsWith(prefix));
      if (name !== undefined) return kind(name);
    }
  }
  return undefined;
}
