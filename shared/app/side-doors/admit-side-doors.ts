/** Whether accounts and rules that RAM does not bound may be made: looked at before the first effect. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, namesOfDoors } from '../../domain/contract.js';
import type { DataPlaneAccount, ObservedDataPlane } from '../../domain/data-plane.js';
import { type Reason, reason } from '../../domain/fact.js';
import type { OnboardingRequest } from '../../domain/request.js';
import type { ObservedRoute } from '../../domain/route.js';
import { planDataPlane, planRoute } from '../../services/index.js';
import { type AccessPlan, planAccess } from '../plan/plan-access.js';

/** What there is under the names that are new; the contract's own are looked at for drift, and not here. */
export interface SideDoorFacts {
  /** By name of account; `undefined` for one on an instance that is not there. */
  readonly accounts: ReadonlyMap<string, ObservedDataPlane | undefined>;
  /** By name of rule; `undefined` for one on a bus that is not there. */
  readonly routes: ReadonlyMap<string, ObservedRoute | undefined>;
}

/** Reads only. `contract`: as it stands, whose own doors are left out. */
export async function observeSideDoors(
  plan: AccessPlan,
  contract: Contract,
  { dataPlanes, routes }: Pick<Ports, 'dataPlanes' | 'routes'>,
): Promise<SideDoorFacts> {
  const ours = new Set(namesOfDoors(contract.sideDoors));
  const [accounts, rules] = await Promise.all([
    Promise.all(
      plan.accounts
        .filter(({ account }) => !ours.has(account))
        .map(
          async ({ account, instance, entries }) =>
            [account, await dataPlanes.observe(instance, account, entries)] as const,
        ),
    ),
    Promise.all(
      plan.routes
        .filter(({ rule }) => !ours.has(rule))
        .map(async (route) => [route.rule, await routes.observe(route)] as const),
    ),
  ]);
  return { accounts: new Map(accounts), routes: new Map(rules) };
}

/** Every reason at once. `facts` unset: not looked at, and the step that makes them has the last word. Pure. */
export function sideDoorReasons(
  request: OnboardingRequest,
  plan: AccessPlan,
  facts: SideDoorFacts | undefined,
): readonly Reason[] {
  const { accounts, routes } = plan;
  if (accounts.length + routes.length === 0) return [];
  return [
    ...(accounts.length > 0 && request.grantee.publicKey === undefined
      ? [
          reason(
            'KEY_MISSING',
            '/data/grantee/publicKey',
            'passwords of accounts in data planes need a public key that they are sealed to',
          ),
        ]
      : []),
    ...(request.restrict.sourceIps === undefined
      ? []
      : [
          reason(
            'CANNOT_RESTRICT',
            '/data/restrict/sourceIps',
            'accounts in data planes and rules for events are not bound to addresses; ask for them in a contract of their own',
          ),
        ]),
    ...(facts === undefined
      ? []
      : request.grants.flatMap((_, index) => grantReasons(request, index, plan, facts))),
  ];
}

/** What everybody on an instance may, a new account may too, and nobody asked for that. */
function accountRefusals(
  wanted: DataPlaneAccount,
  observed: ObservedDataPlane | undefined,
): readonly { readonly code: string; readonly message: string }[] {
  const plan = planDataPlane(wanted, observed, 'open', { isIntended: false, isHandedOver: false });
  return plan.outcome === 'refused'
    ? plan.reasons
    : plan.unavoidablyWider.map((message) => ({ code: 'OPEN_TO_EVERYONE', message }));
}

/** Of what one grant alone needs, so that each reason points at the grant that it is about. */
function grantReasons(
  request: OnboardingRequest,
  index: number,
  { owner }: AccessPlan,
  facts: SideDoorFacts,
): readonly Reason[] {
  const own = planAccess({ ...request, grants: request.grants.slice(index, index + 1) }, owner);
  const refused = [
    ...own.accounts
      .filter(({ account }) => facts.accounts.has(account))
      .flatMap((wanted) => accountRefusals(wanted, facts.accounts.get(wanted.account))),
    ...own.routes
      .filter(({ rule }) => facts.routes.has(rule))
      .flatMap((wanted) => {
        const opening = planRoute(wanted, facts.routes.get(wanted.rule), 'prepared', { isIntended: false });
        return opening.outcome === 'refused' ? opening.reasons : [];
      }),
  ];
  return refused.map(({ code, message }) => reason(code, `/data/grants/${index}`, message));
}
