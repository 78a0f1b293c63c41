/** Whose the things are that a write names: the sixth promise is that Leasehold changes nothing but what it made for the contract. */
import type { CallInfo } from '../../../shared/loopback/kernel.js';
import { isWrite } from './faults.js';
import { companionOf, isOurs, roleOf, type Stage } from './stage.js';

/** Products in which what others own lies beside what is ours; but RabbitMQ, whose accounts are named by the keys of RAM users. */
const HOLDS_THINGS_OF_OTHERS = /^(Ram|ResourceManager|Ims|alikafka|RocketMQ|eventbridge)$/;
/** Parameters that name what a call changes. */
const NAMES =
  /^(RoleName|PolicyName|UserName|UserPrincipalName|PrincipalName|ResourceNames?\.?\d*|Username|RuleName)$/i;

/** The names of what a write of ours changed that are all of somebody else's; none of a call that is in order, or names nothing. */
export function namesOfOthers(stage: Stage, call: CallInfo, id: string): readonly string[] {
  const { product, params } = call;
  if (!HOLDS_THINGS_OF_OTHERS.test(product) || !isOurs(call) || !isWrite(call)) return [];
  const names = [
    ...Object.entries(params).flatMap(([name, value]) => (NAMES.test(name) ? [value] : [])),
    // Of a product that does not speak RPC.
    ...(/\/(?:accounts|acl\/account)\/([^/?]+)/.exec(params['path'] ?? '')?.slice(1) ?? []),
  ];
  return names.some((name) => isOf(stage, name, id)) ? [] : names;
}

const COMPANION = new RegExp(`${companionOf('')}$`);

/** Roles and policies of a contract are named after it, what it has in data planes stands among the claims. */
function isOf({ world }: Stage, name: string, id: string): boolean {
  const own = name.replace(/@.*/, '');
  const ids = [id, companionOf(id), id.replace(COMPANION, '')];
  const claims = world.cloud.objectsOf(world.cloud.config.evidenceBucket);
  return (
    ids.some((one) => own.startsWith(roleOf(one)) || own.endsWith(`.${one}`)) ||
    world
      .objectKeys(world.cloud.config.evidenceBucket, `doors/${own}/`)
      .some((key) => ids.includes(claims.get(key)?.body.toString() ?? ''))
  );
}
