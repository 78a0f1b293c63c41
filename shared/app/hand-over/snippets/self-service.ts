/** What the grantee's administrator runs in his own account, and how he undoes it: commands, or a Terraform file. */
import { enteringPolicyName } from '../../grantee/side.js';
import type { HandOver } from '../hand-over.js';
import { hcl, SCRIPT_HEAD, type Snippet, sh } from './snippet.js';

/** A policy has five versions at most. Source: CreatePolicyVersion; the Terraform provider has it since 1.114.0. */
const ROTATE = 'DeleteOldestNonDefaultVersionWhenLimitExceeded';

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
  const { users, roles, isWholeAccount } = entrantsOf(handOver);
  const byConsole = handOver.accessors.filter(({ via }) => via === 'console').map(({ name }) => name);
  const logonNames = isWholeAccount ? ', with the logon names of those who are to enter' : '';
  return {
    file: 'set-up.sh',
    language: 'sh',
    about: `Run once by an administrator of account ${handOver.granteeAccountId}${logonNames}; running it again changes nothing. After a renewal the one of the new hand-over is run: the dates stand in the policy. It lets them enter this one role for as long as the contract lasts, and nothing else. Users who are not there are made${roles.length > 0 ? '; roles must be there first' : ''}.`,
    text: `${SCRIPT_HEAD}
POLICY=${sh(enteringPolicyName(handOver.roleName))}
DOCUMENT=${sh(JSON.stringify(handOver.assumePolicy))}
MADE=${sh(`Made to enter ${handOver.roleName}`)} # a comment on users, so that one who was made half-way is known again

bare() { tr -d ' \\\\\\n\\r\\t'; } # a document the same, however an answer quotes it
if ! attempt ram GetPolicy --PolicyType Custom --PolicyName "$POLICY"; then
  aliyun ram CreatePolicy --PolicyName "$POLICY" --PolicyDocument "$DOCUMENT" >/dev/null
elif ! printf '%s' "$reply" | bare | grep -qF "$(printf '%s' "$DOCUMENT" | bare)"; then
  aliyun ram CreatePolicyVersion --PolicyName "$POLICY" --PolicyDocument "$DOCUMENT" --SetAsDefault true \\
    --RotateStrategy ${ROTATE} >/dev/null
  echo "$POLICY now has the contract's dates"
fi

make_user() { # name, way
  if attempt ram GetUser --UserName "$1"; then
    case $reply in *"\\"$MADE\\""*) ;; *) return 0 ;; esac # your own
  else
    aliyun ims CreateUser --UserPrincipalName "$1@$DOMAIN" --DisplayName "$(printf %.24s "$1")" --Comments "$MADE" >/dev/null
    if [ "$2" = console ]; then
      echo "$1 was made: give it a first password in the RAM console, to be reset at the next logon, with MFA required"
    fi
  fi
  if [ "$2" = console ]; then return 0; fi
  keys=$(aliyun ims ListAccessKeys --UserPrincipalName "$1@$DOMAIN")
  case $keys in
    *'"AccessKeyId"'*)
      if [ ! -s "$1-access-key.json" ]; then
        echo "$1 has a key, and no $1-access-key.json is here; if nobody has its secret, delete the key and run this again"
      fi ;;
    *)
      key=$(aliyun ims CreateAccessKey --secure --UserPrincipalName "$1@$DOMAIN")
      (umask 077; printf '%s\\n' "$key" >"$1-access-key.json")
      echo "$1 was made: its key is in $1-access-key.json; the secret is shown nowhere else" ;;
  esac
}
let_in() { # User or Role, name
  if ! attempt ram "ListPoliciesFor$1" "--$1Name" "$2"; then
    echo "there is no $1 $2: make it, and run this again" >&2
    exit 1
  fi
  case $reply in *"\\"$POLICY\\""*) return 0 ;; esac
  aliyun ram "AttachPolicyTo$1" --PolicyType Custom --PolicyName "$POLICY" "--$1Name" "$2" >/dev/null
}
${isWholeAccount ? `\nif [ $# -eq 0 ]; then echo "usage: $0 <logon name> …" >&2; exit 2; fi` : ''}
${isWholeAccount || users.length > 0 ? DOMAIN : ''}
${isWholeAccount ? 'for user in "$@"; do make_user "$user" api; let_in User "$user"; done' : ''}
${users.map((user) => `make_user ${sh(user)} ${byConsole.includes(user) ? 'console' : 'api'}; let_in User ${sh(user)}`).join('\n')}
${roles.map((role) => `let_in Role ${sh(role)}`).join('\n')}
`
      .replace(/\n{3,}/g, '\n\n')
      .replace(/\n+$/, '\n'),
  };
}

const DOMAIN = `reply=$(aliyun ims GetDefaultDomain)
DOMAIN=$(printf '%s' "$reply" | sed -n 's/.*"DefaultDomainName": *"\\([^"]*\\)".*/\\1/p')`;

const takeDown = (handOver: HandOver): Snippet => ({
  file: 'take-down.sh',
  language: 'sh',
  about: `When the contract has ended: the same in reverse. The policy refuses by itself from ${handOver.lease.expiresAt} on; this only tidies up.`,
  text: `${SCRIPT_HEAD}
POLICY=${sh(enteringPolicyName(handOver.roleName))}

if ! attempt ram GetPolicy --PolicyType Custom --PolicyName "$POLICY"; then echo 'gone already'; exit 0; fi
entities=$(aliyun ram ListEntitiesForPolicy --PolicyType Custom --PolicyName "$POLICY")
holders() { # UserName or RoleName
  printf '%s' "$entities" | tr ',{}' '\\n\\n\\n' | sed -n "s/.*\\"$1\\": *\\"\\([^\\"]*\\)\\".*/\\1/p"
}
for user in $(holders UserName); do
  attempt ram DetachPolicyFromUser --PolicyType Custom --PolicyName "$POLICY" --UserName "$user" || :
  echo "$user no longer enters; if it was made for this contract alone, delete in this order: AccessKeys (disable first), logon, MFA device, user"
done
for role in $(holders RoleName); do
  attempt ram DetachPolicyFromRole --PolicyType Custom --PolicyName "$POLICY" --RoleName "$role" || :
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
      'The same as a Terraform file, for users and roles that are there; after a renewal the one of the new hand-over is applied. `terraform destroy` is the reverse.',
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
  # Without dates: up to version 1.245 of the provider another description made another policy.
  description     = ${hcl(`Enters ${handOver.roleName} of account ${handOver.ownerAccountId}`)}
  rotate_strategy = "${ROTATE}"
  force           = true
}
${isWholeAccount ? attachment('user', 'var.users') : ''}${users.length > 0 ? attachment('user', set(users)) : ''}${roles.length > 0 ? attachment('role', set(roles)) : ''}`,
  };
}
