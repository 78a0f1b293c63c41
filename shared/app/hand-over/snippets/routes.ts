/** What lets the owner's rules publish on the grantee's bus: a role that EventBridge takes on, run once and undone at the end. */
import type { HandOver } from '../hand-over.js';
import { SCRIPT_HEAD, type Snippet, sh } from './snippet.js';

interface LetIn {
  readonly roleName: string;
  readonly trust: string;
  readonly systemPolicy: string;
}

/** None where events go to no bus. */
export function routeSnippets({ routes, granteeAccountId, ownerAccountId }: HandOver): readonly Snippet[] {
  const roles = [
    ...new Map(routes.flatMap(({ role }) => (role ? [[role.roleName, role] as const] : []))).values(),
  ];
  if (roles.length === 0) return [];
  return [
    {
      file: 'let-events-in.sh',
      language: 'sh',
      about: `Run once by an administrator of account ${granteeAccountId}; running it again changes nothing. EventBridge of account ${ownerAccountId}, and nobody else, may then put events on your buses as this role.`,
      text: `${SCRIPT_HEAD}
${roles.map(letIn).join('\n')}
`,
    },
    {
      file: 'keep-events-out.sh',
      language: 'sh',
      about: 'When the contract has ended: the same in reverse.',
      text: `${SCRIPT_HEAD}
${roles.map(keepOut).join('\n')}
`,
    },
  ];
}

const letIn = ({ roleName, trust, systemPolicy }: LetIn): string =>
  `attempt ram GetRole --RoleName ${sh(roleName)} ||
  aliyun ram CreateRole --RoleName ${sh(roleName)} --AssumeRolePolicyDocument ${sh(trust)} >/dev/null
held=$(aliyun ram ListPoliciesForRole --RoleName ${sh(roleName)})
case $held in
  *${sh(`"${systemPolicy}"`)}*) ;;
  *) aliyun ram AttachPolicyToRole --PolicyType System --PolicyName ${systemPolicy} --RoleName ${sh(roleName)} >/dev/null ;;
esac`;

const keepOut = ({ roleName, systemPolicy }: LetIn): string =>
  `attempt ram DetachPolicyFromRole --PolicyType System --PolicyName ${systemPolicy} --RoleName ${sh(roleName)} || :
if attempt ram DeleteRole --RoleName ${sh(roleName)}; then echo ${sh(`deleted ${roleName}`)}; fi`;
