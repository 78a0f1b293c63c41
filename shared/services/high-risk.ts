/** Whether a vendor policy is too much for a partner, judged by what its document allows, not by its name. Pure. */
import { globCovers, type PolicyDocument, type Statement } from '../policy/index.js';

/** Identities and rights: whoever may change these may give himself anything. */
const IDENTITY_SERVICES = ['ram', 'ims', 'sts', 'resourcemanager', 'resourcemanagement'];

/** Reasons in plain words; none when nothing speaks against the document. */
export function highRiskReasons(document: PolicyDocument): readonly string[] {
  const reasons = document.statements.filter((statement) => statement.effect === 'Allow').flatMap(reasonsOf);
  return [...new Set(reasons)];
}

function reasonsOf(statement: Statement): readonly string[] {
  if (statement.actions === undefined)
    return [`allows everything except ${(statement.notActions ?? []).join(', ')}`];
  return statement.actions.flatMap((action): readonly string[] => {
    const lower = action.toLowerCase();
    if (globCovers(lower, '*:*') || lower === '*') return ['allows every action of every service'];
    return IDENTITY_SERVICES.filter((service) => reaches(lower, service)).map(
      (service) => `allows ${action}, which reaches ${service}`,
    );
  });
}

/** Whether the pattern `action` can match an action of `service` that does more than read one thing. */
function reaches(action: string, service: string): boolean {
  const [code = '', name = ''] = action.split(':');
  if (!globCovers(code, service)) return false;
  return !/^(get|list)[a-z]+$/.test(name);
}
