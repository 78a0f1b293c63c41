/** Roles and stops that are there against those that should be. Pure. */
import type { Deployed, DeployedRole } from '../../domain/deployed.js';
import type { Deployment, RoleToDeploy, StopToDeploy } from '../../domain/deployment.js';
import type { Change } from '../../domain/fact.js';
import { policyDiff, trustDiff } from '../role/document-diff.js';
import { error, type Finding, ofSeen } from './finding.js';

type Rights = Pick<Deployed, 'roles' | 'roleNames' | 'stops'>;

export const judgeRights = (
  { roles, stops }: Deployment,
  there: Rights,
  others: readonly string[],
): readonly Finding[] => [
  ...roles.flatMap((role) =>
    ofSeen(`role ${role.name}`, there.roles[role.name], (found) =>
      found === undefined
        ? [error('ROLE_MISSING', `role ${role.name}`, 'it is not there: what runs under it fails')]
        : judgeRole(role, found),
    ),
  ),
  ...ofSeen('names of roles', there.roleNames, (names) =>
    names
      .filter((name) => !roles.some((role) => role.name === name))
      .filter((name) => !others.some((prefix) => name.startsWith(prefix)))
      .map((name) => ({
        severity: 'warning',
        code: 'ROLE_EXTRA',
        what: `role ${name}`,
        seen: 'it is named as a role of ours, and nothing here deploys it',
        next: 'delete it if it is of an older version: what it may do nobody looks after',
      })),
  ),
  ...stops.flatMap((stop) =>
    ofSeen(`stop ${stop.name}`, there.stops[stop.name], (document) => judgeStop(stop, document)),
  ),
];

function judgeRole(wanted: RoleToDeploy, { trust, document, attached }: DeployedRole): readonly Finding[] {
  const what = `role ${wanted.name}`;
  const own = `Custom ${wanted.name}`;
  const trusts = told(trustDiff(trust, wanted.trust));
  const says = told(policyDiff(document, wanted.document));
  return [
    ...(trusts === '' ? [] : [error('ROLE_TRUST', what, trusts)]),
    ...(says === '' ? [] : [error('ROLE_POLICY', what, `its policy ${says}`)]),
    ...(attached.includes(own) ? [] : [error('ROLE_POLICY', what, 'its policy is not attached to it')]),
    ...attached
      .filter((one) => one !== own)
      .map((one) =>
        error(
          'ROLE_EXTRA_POLICY',
          what,
          `policy ${one} is attached to it, which gives rights that nobody approved`,
          'find out in ActionTrail who attached it and why, and detach it',
        ),
      ),
  ];
}

/** Empty when nothing differs. */
const told = ({ widens, narrows }: Change): string =>
  [
    ...(widens.length === 0 ? [] : [`is wider: ${widens.join('; ')}`]),
    ...(narrows.length === 0 ? [] : [`is narrower: ${narrows.join('; ')}`]),
  ].join('; ');

function judgeStop({ name, document }: StopToDeploy, there: string | undefined): readonly Finding[] {
  const what = `stop ${name}`;
  if (there === undefined)
    return [
      error('STOP_MISSING', what, 'it is not there: contracts can neither be suspended nor cut with it'),
    ];
  const says = told(policyDiff(there, document));
  return says === ''
    ? []
    : [
        error(
          'STOP_EDITED',
          what,
          `it no longer denies everything: it ${says}`,
          'make its default version deny everything again, at once',
        ),
      ];
}
