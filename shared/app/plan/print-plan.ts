/** The plan as a person would want to read it. Pure. */
import type { DataPlaneInstance } from '../../domain/data-plane.js';
import type { Change } from '../../domain/fact.js';
import { entryText, instanceText, ROUTE_CAVEAT, routeText } from '../../services/index.js';
import { counted } from '../counted.js';
import { describeSetup } from '../grantee/describe.js';
import { printable } from '../printable.js';
import type { AccessPlan } from './plan-access.js';
import type { WayIn } from './trust.js';

const PROOFS: Readonly<Record<WayIn['proof'], string>> = {
  'external-id': 'with the ExternalId of the hand-over',
  mfa: 'after a logon with MFA',
  none: 'with no further proof than being that user',
};

/** The plan of a request, with the calls that carry it out. Several lines, no newline at the end. */
export const printPlan = (plan: AccessPlan): string =>
  linesOf([...termsOf(plan), ...section('Calls to make', callsOf(plan)), ...hashOf(plan)]);

/** The plan of an amendment, and what is other than before. */
export const printAmendment = (plan: AccessPlan, { widens, narrows }: Change): string =>
  linesOf([
    ...termsOf(plan),
    ...section('More than before', widens),
    ...section('Less than before', narrows),
    ...hashOf(plan),
  ]);

/** Whoever asks chooses words in these lines, and somebody decides by them: each stays one line, and shows all that is in it. */
const linesOf = (lines: readonly string[]): string => lines.map(printable).join('\n');

function termsOf(plan: AccessPlan): readonly string[] {
  const { lease, restrict, owner, roleName, grantee } = plan;
  return [
    `Contract ${plan.contractId}: ${grantee.name} (account ${grantee.accountId}) in account ${owner}`,
    '',
    `Role       ${roleName}, sessions of at most ${plan.maxSessionSeconds} s`,
    `From       ${lease.startsAt}`,
    `Until      ${lease.expiresAt}, refused by the policies themselves from then on`,
    ...(restrict.sourceIps === undefined ? [] : [`Only from  ${restrict.sourceIps.join(', ')}`]),
    ...(grantee.keyThumbprint === undefined ? [] : [`Sealed to  ${grantee.keyThumbprint} (key thumbprint)`]),
    ...section(
      'Who may enter',
      plan.waysIn.map((way) => `${way.principal} by ${way.via}, ${PROOFS[way.proof]}`),
    ),
    ...section("Set up in the grantee's account", plan.setup === undefined ? [] : describeSetup(plan.setup)),
    ...section('What they may do', plan.grants),
    ...section(
      'By accounts in data planes',
      plan.accounts.map(
        ({ account, instance, entries }) =>
          `${account} on ${instanceText(instance)}: ${entries.map(entryText).join(', ')}`,
      ),
    ),
    ...section(
      'By rules that take events out',
      plan.routes.map((route) => `${route.rule}: ${routeText(route)}`),
    ),
    ...section('Ended by Leasehold running, not by RAM', caveatsOf(plan)),
    ...section('Wider than asked for, because the product knows no narrower right', plan.unavoidablyWider),
  ];
}

/** What is true of side doors as such, then what each of them cannot keep out. */
function caveatsOf({ accounts, routes, lease }: AccessPlan): readonly string[] {
  if (accounts.length + routes.length === 0) return [];
  return [
    `no policy bounds accounts and rules: they open when Leasehold opens them at ${lease.startsAt}, and end when it ends them`,
    ...new Set([...accounts.map(({ caveat }) => caveat), ...(routes.length === 0 ? [] : [ROUTE_CAVEAT])]),
  ];
}

const hashOf = ({ planHash }: AccessPlan): readonly string[] => ['', `Plan hash  ${planHash}`];

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];

/** What makes an account, and what gives it an entry. */
const CALLS: Readonly<Record<DataPlaneInstance['product'], readonly [string, string]>> = {
  kafka: ['alikafka:CreateSaslUser', 'alikafka:CreateAcl'],
  rocketmq5: ['rocketmq:CreateInstanceAccount', 'rocketmq:CreateInstanceAcl'],
  rabbitmq: ['ims:CreateUser, ims:CreateAccessKey, amqp:CreateAccount', 'ram:AttachPolicyToUser'],
};

/** The calls with an effect, in their order, for a lease that has begun. */
function callsOf({ roleName, policies, attachments, accounts, routes }: AccessPlan): readonly string[] {
  return [
    `ram:CreateRole ${roleName}, closed to everybody but the verifier`,
    ...policies.map(({ name, text }) => `ram:CreatePolicy ${name}, ${text.length} characters`),
    ...attachments.map(({ policy, resourceGroupId }) =>
      resourceGroupId === undefined
        ? `ram:AttachPolicyToRole ${policy.name}`
        : `resourcemanager:AttachPolicy ${policy.name} on ${resourceGroupId}`,
    ),
    ...routes.map(({ rule, eventBus }) => `eventbridge:CreateRule ${rule} on ${eventBus}, switched off`),
    `(verification with read calls)`,
    `ram:UpdateRole ${roleName}, opened to the partner`,
    ...accounts.flatMap(({ account, instance, entries }) => {
      const [create, allow] = CALLS[instance.product];
      return [`${create} ${account}`, `${allow} ${account}, ${counted(entries.length, 'time')}`];
    }),
    ...routes.map(({ rule, eventBus }) => `eventbridge:EnableRule ${rule} on ${eventBus}`),
  ];
}
