/** Facts in a few words, for whoever reads the register. Pure. */
import type { Change, Fact, FactData, MadeCredential, StepFailure, Unsettled } from '../../domain/fact.js';
import { counted } from '../counted.js';
import { printable } from '../printable.js';

/** What a fact says, on one line, whatever others have put into it. */
export const gistOf = (fact: Fact): string => printable(wordsOf(fact));

function wordsOf(fact: Fact): string {
  switch (fact.kind) {
    case 'requested':
      return `by ${fact.data.request.requestedBy}, ${fact.data.request.lease.startsAt} to ${fact.data.request.lease.expiresAt}`;
    case 'rejected':
      return fact.data.reasons.map(({ code, message }) => `${code}: ${message}`).join('; ');
    case 'approved':
      return `by ${fact.data.by}, plan ${fact.data.planHash.slice(0, 12)}`;
    case 'awaiting-approval':
      return `until ${fact.data.until}: ${fact.data.reasons.map((reason) => reason.message).join('; ')}`;
    case 'declined':
      return `by ${fact.data.by}: ${fact.data.reason}`;
    case 'granting':
      return 'ids fixed';
    case 'role-created':
      return `role id ${fact.data.roleId}, ${counted(fact.data.policies.length, 'policy', 'policies')}`;
    case 'probing':
      return 'the bounds of the lease are off for the verifier';
    case 'probing-over':
      return 'the bounds of the lease hold';
    case 'grantee-preparing':
      return "users and roles are set up in the grantee's account";
    case 'grantee-changed':
      return `${[...fact.data.users, ...fact.data.roles].length} set up in the grantee's account`;
    case 'grantee-hindered':
      return `${fact.data.code}: ${fact.data.message}`;
    case 'grantee-prepared':
      return 'everybody named is set up';
    case 'grantee-released':
      return releaseText(fact.data);
    case 'handing-over':
      return 'what is needed to log on is made';
    case 'hand-over-given-up':
      return `it came to nothing, and is tried again${unsettledText(fact.data.unsettled)}`;
    case 'credentials-made':
      return fact.data.credentials.map(credentialText).join('; ');
    case 'handed-over':
      return `what was owed since fact ${fact.data.of}`;
    case 'inventory-taken':
      return fact.data.lists.map(({ of, names }) => `${of}: ${names.length}`).join('; ') || 'nothing to list';
    case 'inventory-compared':
      return fact.data.appeared.map(({ what }) => what).join('; ') || 'nothing appeared';
    case 'side-doors-intended':
      return `${counted(fact.data.accounts.length, 'account')}, ${counted(fact.data.routes.length, 'rule')}`;
    case 'side-doors-settled':
      return fact.data.steps.join('; ') || 'as they should be';
    case 'amendment-requested':
      return `revision ${fact.data.revision}: ${changeText(fact.data.change)}`;
    case 'amendment-dropped':
      return `revision ${fact.data.revision}: ${fact.data.reasons.map((reason) => reason.code).join(', ')}`;
    case 'amending':
      return `revision ${fact.data.revision}, ${counted(fact.data.policies.length, 'policy', 'policies')}`;
    case 'role-changed':
      return fact.data.steps.join('; ');
    case 'amended':
      return `revision ${fact.data.revision}: ${changeText(fact.data.change)}`;
    case 'amendment-failed':
      return `revision ${fact.data.revision}: ${failureText(fact.data)}`;
    case 'suspending':
    case 'resuming':
      return `${fact.data.suspension}, by ${fact.data.by}: ${fact.data.reason}`;
    case 'resumed':
      return fact.data.remaining.length === 0
        ? fact.data.suspension
        : `${fact.data.suspension}; still held by ${fact.data.remaining.join(', ')}`;
    case 'resume-failed':
      return `${fact.data.suspension}: ${failureText(fact.data)}`;
    case 'warned':
      return `${fact.data.days} days before ${fact.data.expiresAt}`;
    case 'drift-found':
      return `${fact.data.action}: ${fact.data.findings.map((finding) => finding.code).join(', ')}; ${fact.data.who}`;
    case 'drift-gone':
      return fact.data.how;
    case 'awaiting-grantee':
      return `somebody whom the role names does not exist yet; tried until ${fact.data.until}`;
    case 'verified':
    case 'verified-before':
    case 'activated':
    case 'opened':
      return `${fact.data.proofs.filter((proof) => proof.verdict === 'proven').length} of ${fact.data.proofs.length} rights proven by calls`;
    case 'ending':
    case 'ended':
      return `${fact.data.reason}: ${fact.data.detail}`;
    case 'cut':
    case 'suspended':
      return fact.data.timeToDenySeconds === undefined
        ? fact.data.witness
        : `refused after ${fact.data.timeToDenySeconds} s`;
    case 'removed':
      return fact.data.tokenDeath;
    case 'failed':
      return `${failureText(fact.data)}; ${fact.data.next}`;
  }
}

const failureText = ({ step, code, reason }: StepFailure): string =>
  reason === undefined ? `${step} ${code}` : `${step} ${code}: ${reason}`;

const releaseText = ({ users, roles, leftBehind }: FactData['grantee-released']): string =>
  [
    `${[...users, ...roles].join(', ') || 'nobody'} may no longer enter`,
    ...leftBehind.map(
      ({ type, name, given, next }) => `left behind: ${type} ${name} (${given.join(', ')}): ${next}`,
    ),
  ].join('; ');

const credentialText = (one: MadeCredential): string => {
  if (one.kind === 'account') return `a password of ${one.account} on ${one.instanceId}`;
  const { user, keyIds, hasPassword } = one;
  return `${user}: ${[...(hasPassword ? ['a password'] : []), ...keyIds.map((id) => `AccessKey ${id}`)].join(', ')}`;
};

export const changeText = ({ widens, narrows }: Change): string =>
  [...widens.map((what) => `+ ${what}`), ...narrows.map((what) => `- ${what}`)].join('; ') || 'no difference';

const unsettledText = (unsettled: Unsettled | undefined): string =>
  unsettled === undefined
    ? ''
    : `; whether what ${unsettled.of} logs on with was ${unsettled.what} is not known`;
