/** Which accounts in data planes a contract needs, and the steps from what is there to what should be. Pure. */
import { canonicalJson } from '../domain/canonical-json.js';
import type {
  AclEntry,
  DataPlaneAccount,
  DataPlaneInstance,
  DataPlaneStep,
  ObservedDataPlane,
} from '../domain/data-plane.js';
import type { KafkaGrant, RabbitmqGrant, RocketmqGrant } from '../domain/grant.js';
import { sha256Hex } from '../domain/sha256.js';
import type { ContractId } from '../domain/values.js';

/** Grants that may ask for an account. */
export type AccountGrant = KafkaGrant | RabbitmqGrant | RocketmqGrant;

/** What a product's file states about accounts in its data plane. */
export interface DataPlaneProduct<G extends AccountGrant> {
  instanceOf(grant: G): DataPlaneInstance;
  /** Exactly the topics and groups that are named. */
  entriesOf(grant: G): readonly AclEntry[];
  readonly pausesBy: DataPlaneAccount['pausesBy'];
  readonly caveat: string;
}

/**
 * `lh-<16 hex>`, 19 characters: within the 64 of letters, digits, `_` and `-` that all products admit. A function of the
 * contract and of what an amendment does not change, so that more topics do not make another account.
 */
export const accountNameOf = (contractId: ContractId, instance: DataPlaneInstance, access: string): string =>
  `lh-${sha256Hex(canonicalJson({ contractId, ...instance, access })).slice(0, 16)}`;

/** An entry that allows `operation` on just what is named. */
export const mayOn =
  (resourceType: string, operation: string) =>
  (resourceName: string): AclEntry => ({
    resourceType,
    resourceName,
    match: 'exact',
    operation,
    effect: 'allow',
    from: [],
  });

export function dataPlaneAccount<G extends AccountGrant>(
  contractId: ContractId,
  grant: G,
  product: DataPlaneProduct<G>,
): DataPlaneAccount {
  const instance = product.instanceOf(grant);
  return {
    instance,
    account: accountNameOf(contractId, instance, grant.access),
    entries: uniqueEntries(product.entriesOf(grant)),
    pausesBy: product.pausesBy,
    caveat: product.caveat,
  };
}

/** Grants of one access level on one instance share an account. */
export function mergedAccounts(accounts: readonly DataPlaneAccount[]): readonly DataPlaneAccount[] {
  const byName = new Map<string, DataPlaneAccount>();
  for (const one of accounts) {
    const known = byName.get(one.account);
    byName.set(
      one.account,
      known === undefined ? one : { ...known, entries: uniqueEntries([...known.entries, ...one.entries]) },
    );
  }
  return [...byName.values()];
}

/** What the account should be: usable, kept but of no use, or not there. */
export type DataPlaneGoal = 'open' | 'suspended' | 'gone';

/** What the register knows of the account. */
export interface DataPlaneStanding {
  /** Our intent to make it was written, and before that the name was seen to be free. Without one nothing of that name is ours. */
  readonly isIntended: boolean;
  /** The grantee was given the password of the account that is there. */
  readonly isHandedOver: boolean;
}

export type DataPlaneRefusal = 'NO_INSTANCE' | 'ACL_OFF' | 'NAME_TAKEN';
export type DataPlanePlan =
  | {
      readonly outcome: 'steps';
      readonly steps: readonly DataPlaneStep[];
      /** Rights that the account has besides, because the instance gives them to everybody. */
      readonly unavoidablyWider: readonly string[];
    }
  | {
      readonly outcome: 'refused';
      readonly reasons: readonly { readonly code: DataPlaneRefusal; readonly message: string }[];
    };

/**
 * Steps after which nothing is left to plan. What cuts comes first and what opens last. An ACL is never switched on: that
 * would change the instance for everyone. Ending and pausing are never refused: what cannot be read then is not there.
 * `observed`: `undefined` when there is no such instance.
 */
export function planDataPlane(
  wanted: DataPlaneAccount,
  observed: ObservedDataPlane | undefined,
  goal: DataPlaneGoal,
  standing: DataPlaneStanding,
): DataPlanePlan {
  if (goal === 'open') return planOpening(wanted, observed, standing);
  if (observed === undefined || !standing.isIntended) return stepsOf([]);
  const cut = observed.entries.map((entry): DataPlaneStep => ({ kind: 'removeEntry', entry }));
  if (observed.account === undefined) return stepsOf(cut);
  if (goal === 'gone' || wanted.pausesBy === 'deletion') return stepsOf([...cut, { kind: 'deleteAccount' }]);
  return stepsOf(observed.account.isEnabled ? [...cut, { kind: 'setEnabled', isEnabled: false }] : cut);
}

/** Everything that speaks against opening, all at once; none when it can be done. */
export function openingRefusals(
  wanted: DataPlaneAccount,
  observed: ObservedDataPlane | undefined,
  { isIntended }: DataPlaneStanding,
): Extract<DataPlanePlan, { readonly outcome: 'refused' }>['reasons'] {
  const place = instanceText(wanted.instance);
  if (observed === undefined || observed.isInstanceGone === true)
    return [{ code: 'NO_INSTANCE', message: `there is no ${place} in the owner's account` }];
  const isTaken = observed.account !== undefined || observed.entries.length > 0;
  return [
    ...(observed.isAclOn
      ? []
      : [
          {
            code: 'ACL_OFF',
            message: `the ACL of ${place} is off, so an account could use every topic; switching it on changes the instance for everyone and is left to its owner`,
          } as const,
        ]),
    ...(isTaken && !isIntended
      ? [
          {
            code: 'NAME_TAKEN',
            message: `${place} has an account or ACL named ${wanted.account} that was not made for this contract`,
          } as const,
        ]
      : []),
  ];
}

const NAMES: Readonly<Record<DataPlaneInstance['product'], string>> = {
  kafka: 'Kafka',
  rocketmq5: 'RocketMQ 5.x',
  rabbitmq: 'RabbitMQ',
};

/** `Kafka instance alikafka_pre-cn-x (cn-hangzhou)` */
export const instanceText = ({ product, instanceId, region }: DataPlaneInstance): string =>
  `${NAMES[product]} instance ${instanceId} (${region})`;

/** `Write on Topic orders` */
export const entryText = ({ operation, resourceType, resourceName, match, effect, from }: AclEntry): string =>
  [
    ...(effect === 'deny' ? ['no'] : []),
    `${operation} on ${resourceType} ${resourceName}${match === 'prefix' ? '…' : ''}`,
    ...(from.length === 0 ? [] : [`from ${from.join(', ')}`]),
  ].join(' ');

/** Whether `entries` holds one that says the same. */
export const hasEntry = (entries: readonly AclEntry[], entry: AclEntry): boolean =>
  entries.some((one) => canonicalJson(one) === canonicalJson(entry));

function planOpening(
  wanted: DataPlaneAccount,
  observed: ObservedDataPlane | undefined,
  standing: DataPlaneStanding,
): DataPlanePlan {
  const reasons = openingRefusals(wanted, observed, standing);
  if (observed === undefined || reasons.length > 0) return { outcome: 'refused', reasons };
  const { account, entries, forEveryone } = observed;
  // A password that nobody holds, or of which a part is gone, cannot be read again: the account is made anew, and its ACLs with it,
  // which may go with it.
  const isLost = account !== undefined && (!standing.isHandedOver || account.isBroken === true);
  const kept = isLost ? [] : entries.filter((entry) => hasEntry(wanted.entries, entry));
  return {
    outcome: 'steps',
    unavoidablyWider: widerBy(wanted, forEveryone),
    steps: [
      ...entries
        .filter((entry) => !hasEntry(kept, entry))
        .map((entry): DataPlaneStep => ({ kind: 'removeEntry', entry })),
      ...(isLost ? [{ kind: 'deleteAccount' } as const] : []),
      ...(isLost || account === undefined ? [{ kind: 'createAccount' } as const] : []),
      ...wanted.entries
        .filter((entry) => !hasEntry(kept, entry))
        .map((entry): DataPlaneStep => ({ kind: 'addEntry', entry })),
      ...(account?.isEnabled === false && !isLost ? [{ kind: 'setEnabled', isEnabled: true } as const] : []),
    ],
  };
}

const widerBy = (wanted: DataPlaneAccount, forEveryone: readonly AclEntry[]): readonly string[] =>
  forEveryone
    .filter((entry) => entry.effect === 'allow' && !hasEntry(wanted.entries, entry))
    .map(
      ({ operation, resourceType, resourceName, match }) =>
        `every account of ${NAMES[wanted.instance.product]} instance ${wanted.instance.instanceId} may ${operation} ${resourceType} ${resourceName}${match === 'prefix' ? '…' : ''}`,
    );

const stepsOf = (steps: readonly DataPlaneStep[]): DataPlanePlan => ({
  outcome: 'steps',
  steps,
  unavoidablyWider: [],
});

const uniqueEntries = (entries: readonly AclEntry[]): readonly AclEntry[] =>
  [...new Map(entries.map((entry) => [canonicalJson(entry), entry])).entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, entry]) => entry);
