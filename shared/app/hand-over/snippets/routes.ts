/** What lets the owner's rules publish on the grantee's bus: a role that EventBridge takes on, run once and undone at the end. */
import type { GranteeRole } from '../../../services/index.js';
import type { HandOver } from '../hand-over.js';
import { SCRIPT_HEAD, type Snippet, sh } from './snippet.js';

/** None where events go to no bus. */
export function routeSnippets({
  routes,
  roleName,
  granteeAccountId,
  ownerAccountId,
}: HandOver): readonly Snippet[] {
  const roles = [
    ...new Map(routes.flatMap(({ role }) => (role ? [[role.roleName, role] as const] : []))).values(),
  ];
  if (roles.length === 0) return [];
  const head = `${SCRIPT_HEAD}
MADE=${sh(`Made to let in events that come with ${roleName}`)} # a description, by which a role that this made is known again`;
  return [
    {
      file: 'let-events-in.sh',
      language: 'sh',
      about: `Run once by an administrator of account ${granteeAccountId}; running it again changes nothing. EventBridge of account ${ownerAccountId}, and nobody else, may then put events on your buses as this role.`,
      text: `${head}
${roles.map(letIn).join('\n')}
`,
    },
    {
      file: 'keep-events-out.sh',
      language: 'sh',
      about:
        'When the contract has ended: the same in reverse. A role that was there before, or was made for another contract, stays. Where events of another contract come by one that this takes away, run let-events-in.sh of that once more.',
      text: `${head}
${roles.map(keepOut).join('\n')}
`,
    },
  ];
}

const letIn = ({ roleName, trust, systemPolicy }: GranteeRole): string =>
  `attempt ram GetRole --RoleName ${sh(roleName)} ||
  aliyun ram CreateRole --RoleName ${sh(roleName)} --Description "$MADE" --AssumeRolePolicyDocument ${sh(trust)} >/dev/null
held=$(aliyun ram ListPoliciesForRole --RoleName ${sh(roleName)})
case $held in
  *${sh(`"${systemPolicy}"`)}*) ;;
  *) aliyun ram AttachPolicyToRole --PolicyType System --PolicyName ${systemPolicy} --RoleName ${sh(roleName)} >/dev/null ;;
esac`;

const keepOut = ({ roleName, systemPolicy }: GranteeRole): string =>
  `if attempt ram GetRole --RoleName ${sh(roleName)}; then
  case $reply in
    *"\\"$MADE\\""*)
      attempt ram DetachPolicyFromRole --PolicyType System --PolicyName ${systemPolicy} --RoleName ${sh(roleName)} || :
      if attempt ram DeleteRole --RoleName ${sh(roleName)}; then echo ${sh(`deleted ${roleName}`)}; fi ;;
    *) echo ${sh(`${roleName} was not made for this contract, and stays; detach ${systemPolicy} from it where nothing else needs that`)} ;;
  esac
fi`;
