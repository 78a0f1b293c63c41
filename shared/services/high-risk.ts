/** Whether a vendor policy is too much for a partner, judged by what its document allows, not by its name. Pure. */
import { globCovers, type PolicyDocument, type Statement } from '../policy/index.js';
import { globsMeet } from './globs-meet.js';
import { REVEALING } from './sensitive-actions.js';

/** Identities and rights: whoever may change these may give himself anything. */
const IDENTITY_SERVICES = ['ram', 'ims', 'sts', 'resourcemanager'];

/** Reasons in plain words; none when nothing speaks against the document. A Deny in it is no excuse: it may bind less than it seems. */
export function highRiskReasons(document: PolicyDocument): readonly string[] {
  const reasons = document.statements.filter((statement) => statement.effect === 'Allow').flatMap(reasonsOf);
  return [...new Set(reasons)];
}

function reasonsOf(statement: Statement): readonly string[] {
  if (statement.actions === undefined)
    return [`allows everything except ${(statement.notActions ?? []).join(', ')}`];
  return statement.actions.flatMap((action): readonly string[] => {
    const pattern = action.toLowerCase();
    if (globCovers(pattern, '*:*')) return ['allows every action of every service'];
    return [
      ...IDENTITY_SERVICES.filter((service) => reaches(pattern, service)).map(
        (service) => `allows ${action}, which reaches ${service}`,
      ),
      ...REVEALING.filter(({ actions }) => actions.some((one) => globsMeet(pattern, one.toLowerCase()))).map(
        ({ what }) => `allows ${action}, which ${what}`,
      ),
    ];
  });
}

/** Whether `pattern` can match an action of `service` other than one read by its full name; `ram:Get*` would show everyone's rights. */
const reaches = (pattern: string, service: string): boolean =>
  globsMeet(pattern, `${service}:*`) && !/^[a-z]+:(get|list)[a-z]+$/.test(pattern);
