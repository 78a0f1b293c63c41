/**
 * Who else has somebody in a grantee's account enter, by the policies that he holds there. Claims stand in the index alone, which may
 * have lost one, or have had it taken out; whose role a policy enters stands in the evidence.
 */
import type { Attachment, Ports } from '../../cloud/ports.js';
import { type Contract, isOver, standingTerms } from '../../domain/contract.js';
import { roleNameOf } from '../../domain/role-name.js';
import type { ContractId } from '../../domain/values.js';
import { contractIdIn } from '../inbound/step-input.js';
import { believedContract } from '../register/register.js';
import type { Claimed } from './claims.js';
import { granteeOf, namesSetUp } from './managed-side.js';
import { isSameName } from './same-name.js';
import { enteringPolicyName, type KnownSide, type KnownThing, type ObservedSide, UNKNOWN } from './side.js';

interface Holder {
  readonly attachments: readonly Attachment[];
}
type HoldingPorts = Pick<Ports, 'evidence'>;

/** `known` with the contracts whose policy those there hold, and whose claims it lacks. Reads only, and nothing where it lacks none. */
export async function withHolding(
  known: KnownSide,
  { users, roles }: Pick<ObservedSide, 'users' | 'roles'>,
  contract: Contract,
  ports: HoldingPorts,
): Promise<KnownSide> {
  return {
    users: await allWithHolding(known.users, users, 'user', contract, ports),
    roles: await allWithHolding(known.roles, roles, 'role', contract, ports),
  };
}

async function allWithHolding(
  known: ReadonlyMap<string, KnownThing>,
  there: ReadonlyMap<string, Holder>,
  type: Claimed['type'],
  contract: Contract,
  ports: HoldingPorts,
): Promise<ReadonlyMap<string, KnownThing>> {
  const all = new Map(known);
  for (const [name, { attachments }] of there) {
    const one = known.get(name) ?? UNKNOWN;
    const told = new Set([contract.contractId, ...one.otherClaims].map(entering));
    const claimed = { accountId: granteeOf(contract), type, name };
    const others: ContractId[] = [];
    for (const { policy } of attachments) {
      const id = told.has(policy.name) ? undefined : await userBy(policy.name, claimed, ports);
      if (id !== undefined) others.push(id);
    }
    if (others.length > 0) all.set(name, { ...one, otherClaims: [...one.otherClaims, ...others] });
  }
  return all;
}

const entering = (contractId: ContractId): string => enteringPolicyName(roleNameOf(contractId));
const ENTERING = /^(lease-[a-z0-9-]+)-enter$/;

/** The contract whose policy it is, where its terms have that very user or role set up. The grantee may give his policies any name. */
async function userBy(
  policy: string,
  claimed: Claimed,
  { evidence }: HoldingPorts,
): Promise<ContractId | undefined> {
  const [, role] = ENTERING.exec(policy) ?? [];
  const contractId = role === undefined ? undefined : contractIdIn(await evidence.read(`names/${role}`));
  if (contractId === undefined) return undefined;
  const contract = await believedContract(contractId, evidence);
  return contract !== undefined && uses(contract, claimed) ? contractId : undefined;
}

/** By its terms alone: of two that let go of somebody at once neither may take the other for one who stays. */
function uses(contract: Contract, { accountId, type, name }: Claimed): boolean {
  if (isOver(contract) || contract.state === 'ending' || contract.requested === undefined) return false;
  const named = standingTerms(contract).flatMap(({ request }) => namesSetUp(request)[`${type}s`]);
  return granteeOf(contract) === accountId && named.some((one) => isSameName(one, name));
}
