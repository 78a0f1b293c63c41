/** How a person enters at the console, on either site. */

import { plain } from '../evidence/markdown.js';
import type { HandOver } from './hand-over.js';

/** Where RAM users log on, and the form that switches role with its fields filled in; for one site that form is documented. */
const SITES = [
  {
    name: 'China site (aliyun.com)',
    logon: (accountId: string) => `https://signin.aliyun.com/${accountId}.onaliyun.com/login.htm`,
    switchRole: (accountId: string, role: string): string | undefined =>
      `https://signin.aliyun.com/switchRole.htm?parentAlias=${accountId}.onaliyun.com&roleName=${encodeURIComponent(role)}`,
  },
  {
    name: 'International site (alibabacloud.com)',
    logon: (accountId: string) => `https://signin-intl.aliyun.com/${accountId}.onaliyun.com/login.htm`,
    switchRole: (_accountId: string, _role: string): string | undefined => undefined,
  },
] as const;

/** Numbered steps; none where nobody enters by console. */
export function consoleSteps(handOver: HandOver): readonly string[] {
  const people = handOver.accessors.filter(({ via }) => via === 'console').map(({ name }) => name);
  if (people.length === 0) return [];
  const { ownerAccountId, granteeAccountId, roleName } = handOver;
  const logons = SITES.map(({ name, logon }) => `   - ${name}: <${logon(granteeAccountId)}>`);
  const filled = SITES.flatMap(({ name, switchRole }) => {
    const link = switchRole(ownerAccountId, roleName);
    return link === undefined ? [] : [`   - ${name}, filled in: <${link}>`];
  });
  return [
    [
      `1. Log on as one of ${people.map(plain).join(', ')}: \`<user>@${granteeAccountId}.onaliyun.com\`, or with your account’s alias in place of its id. The owner of an account cannot switch.`,
      ...logons,
      '2. From the menu at your picture choose _Switch Identity_ (_Switch Role_ on older pages) and fill in:',
      `   - Enterprise alias or default domain: \`${ownerAccountId}\``,
      `   - Role name: \`${roleName}\``,
      ...filled,
      `3. The header then shows \`${roleName}/<your name>\`. The session lasts until your logon does, at most ${handOver.maxSessionSeconds} seconds; then switch again.`,
    ].join('\n'),
  ];
}
