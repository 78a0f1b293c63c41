/** What the grantee's administrator runs in his own account, and how he undoes it: commands, or a Terraform file. */
import { enteringPolicyName } from '../../grantee/side.js';
import type { HandOver } from '../hand-over.js';
import { hcl, type Snippet, sh } from './snippet.js';

interface Entrants {
  readonly users: readonly string[];
  readonly roles: readonly string[];
  /** Nobody is named: the administrator names users when he runs it. */
  readonly isWholeAccount: boolean;
}

const entrantsOf = ({ accessors }: HandOver): Entrants => {
  const named = (type: string) => [
    ...new Set(accessors.filter((one) => one.type === type).map(({ name }) => name)),
  ];
  return { users: named('user'), roles: named('role'), isWholeAccount: accessors.length === 0 };
};

/** None where Leasehold does it. */
export const selfServiceSnippets = (handOver: HandOver): readonly Snippet[] =>
  handOver.setup === 'managed' ? [] : [setUp(handOver), terraform(handOver), takeDown(handOver)];

function setUp(handOver: HandOver): Snippet {
  const entrants = entrantsOf(handOver);
  const byConsole = handOver.accessors.filter(({ via }) => via === 'console').map(({ name }) => name);
  return {
    file: 'set-up.sh',
    language: 'sh',
    about: `Run once by an administrator of account ${handOver.granteeAccountId}${entrants.isWholeAccount ? ', with the logon names of those who are to enter' : ''}; running it again changes nothing. It lets them enter this one role for as long as the contract lasts, and nothing else. Users who are not there are made.`,
    text: `#!/bin/sh -eu
POLICY=${sh(enteringPolicyName(handOver.roleName))}
DOCUMENT=${sh(JSON.stringify(handOver.assumePolicy))}

aliyun ram GetPolicy --PolicyType Custom --PolicyName "$POLICY" >/dev/null 2>&1 ||
  aliyun ram CreatePolicy --PolicyName "$POLICY" --PolicyDocument "$DOCUMENT" >/dev/null

make_user() { # name, way
  if aliyun ram GetUser --UserName "$1" >/dev/null 2>&1; then return; fi
  domain=$(aliyun ims GetDefaultDomain | sed -n 's/.*"DefaultDomainName": *"\\([^"]*\\)".*/\\1/p')
  aliyun ims CreateUser --UserPrincipalName "$1@$domain" --DisplayName "$1" >/dev/null
  if [ "$2" = console ]; then
    echo "$1 was made: give it a first password in the RAM console, to be reset at the next logon, with MFA required"
  else
    (umask 077; aliyun ims CreateAccessKey --UserPrincipalName "$1@$domain" >"$1-access-key.json")
    echo "$1 was made: its key is in $1-access-key.json; the secret is shown nowhere else"
  fi
}
let_in() { # user or role, name
  case $1 in
    user) aliyun ram ListPoliciesForUser --UserName "$2" | grep -q "\\"$POLICY\\"" ||
      aliyun ram AttachPolicyToUser --PolicyType Custom --PolicyName "$POLICY" --UserName "$2" >/dev/null ;;
    role) aliyun ram ListPoliciesForRole --RoleName "$2" | grep -q "\\"$POLICY\\"" ||
      aliyun ram AttachPolicyToRole --PolicyType Custom --PolicyName "$POLICY" --RoleName "$2" >/dev/null ;;
  esac
}
${
  entrants.isWholeAccount
    ? `
if [ $# -eq 0 ]; then echo "usage: $0 <logon name> …" >&2; exit 2; fi
for user in "$@"; do make_user "$user" api; let_in user "$user"; done
`
    : `
${entrants.users.map((user) => `make_user ${sh(user)} ${byConsole.includes(user) ? 'console' : 'api'}; let_in user ${sh(user)}`).join('\n')}
${entrants.roles.map((role) => `let_in role ${sh(role)}`).join('\n')}
`
}`.replace(/\n{3,}/g, '\n\n'),
  };
}

const takeDown = (handOver: HandOver): Snippet => ({
  file: 'take-down.sh',
  language: 'sh',
  about: `When the contract has ended: the same in reverse. The policy refuses by itself from ${handOver.lease.expiresAt} on; this only tidies up.`,
  text: `#!/bin/sh -eu
POLICY=${sh(enteringPolicyName(handOver.roleName))}

holders() { # UserName or RoleName
  aliyun ram ListEntitiesForPolicy --PolicyType Custom --PolicyName "$POLICY" | tr ',{}' '\\n\\n\\n' |
    sed -n "s/.*\\"$1\\": *\\"\\([^\\"]*\\)\\".*/\\1/p"
}
if ! aliyun ram GetPolicy --PolicyType Custom --PolicyName "$POLICY" >/dev/null 2>&1; then echo 'gone already'; exit 0; fi
for user in $(holders UserName); do
  aliyun ram DetachPolicyFromUser --PolicyType Custom --PolicyName "$POLICY" --UserName "$user" >/dev/null
  echo "$user no longer enters; if it was made for this contract alone, delete in this order: AccessKeys (disable first), logon, MFA device, user"
done
for role in $(holders RoleName); do
  aliyun ram DetachPolicyFromRole --PolicyType Custom --PolicyName "$POLICY" --RoleName "$role" >/dev/null
  echo "$role no longer enters; if it was made for this contract alone, delete it"
done
aliyun ram DeletePolicy --PolicyName "$POLICY" --CascadingDelete true >/dev/null
echo "deleted $POLICY"
`,
});

function terraform(handOver: HandOver): Snippet {
  const { users, roles, isWholeAccount } = entrantsOf(handOver);
  const set = (names: readonly string[]) => `toset([${names.map(hcl).join(', ')}])`;
  const policyName = 'alicloud_ram_policy.enter.policy_name';
  const attachment = (kind: 'user' | 'role', each: string) => `
resource "alicloud_ram_${kind}_policy_attachment" "enter" {
  for_each    = ${each}
  policy_name = ${policyName}
  policy_type = "Custom"
  ${kind}_name   = each.value
}
`;
  return {
    file: 'set-up.tf',
    language: 'hcl',
    about:
      'The same as a Terraform file, for users and roles that are there. `terraform destroy` is the reverse.',
    text: `terraform {
  required_providers {
    alicloud = { source = "aliyun/alicloud" }
  }
}
${
  isWholeAccount
    ? `
variable "users" {
  description = "Logon names of those who are to enter"
  type        = set(string)
}
`
    : ''
}
resource "alicloud_ram_policy" "enter" {
  policy_name     = ${hcl(enteringPolicyName(handOver.roleName))}
  policy_document = ${hcl(JSON.stringify(handOver.assumePolicy))}
  description     = ${hcl(`Enters ${handOver.roleName} of account ${handOver.ownerAccountId}, until ${handOver.lease.expiresAt}`)}
  force           = true
}
${isWholeAccount ? attachment('user', 'var.users') : ''}${users.length > 0 ? attachment('user', set(users)) : ''}${roles.length > 0 ? attachment('role', set(roles)) : ''}`,
  };
}
