/** The hand-over as one page for people, in Markdown. Pure: the same page whenever it is printed again. */
import { isExisting, type ManagedRole, type ManagedUser } from '../../domain/request.js';
import { instanceText } from '../../services/index.js';
import { plain } from '../evidence/markdown.js';
import { consoleSteps } from './console.js';
import { type HandOver, isByApi } from './hand-over.js';
import { snippetsOf } from './snippets/index.js';
import { KEY_PAIR_COMMAND, OPEN_COMMAND } from './snippets/opening.js';
import type { Snippet } from './snippets/snippet.js';

export function handOverPage(handOver: HandOver): string {
  const { opening, setUp, events, entering, products, check, takeDown } = snippetsOf(handOver);
  return `${[
    `# Access for ${plain(handOver.granteeName)}: contract ${handOver.contractId}`,
    facts(handOver),
    section('What it gives', list([...handOver.grants, ...handOver.unavoidablyWider])),
    section('Who may enter', list(entrants(handOver))),
    sealedSection(handOver, opening),
    section(
      'Set up your side',
      setUp.length > 0
        ? [
            `An administrator of account ${handOver.granteeAccountId} runs one of these.`,
            ...setUp.map(fenced),
          ]
        : list([...handOver.users.map(describeUser), ...handOver.roles.map(describeRole)]),
    ),
    section('Accounts in data planes', accountsOf(handOver)),
    section('Events that come to you', [...eventsOf(handOver), ...events.map(fenced)]),
    section('At the console', consoleSteps(handOver)),
    section('By API', entering.length === 0 ? [] : [BY_API, ...entering.map(fenced)]),
    section('Products', [...notes(handOver), ...products.map(fenced)]),
    section('Check it', check.map(fenced)),
    section('At the end', [ending(handOver), ...takeDown.map(fenced)]),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

const section = (title: string, paragraphs: readonly string[]): string =>
  paragraphs.length === 0 ? '' : [`## ${title}`, ...paragraphs].join('\n\n');

const list = (items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : [items.map((item) => `- ${plain(item)}`).join('\n')];

/** A fence longer than any run of backticks in the text. */
function fenced({ file, language, about, text }: Snippet): string {
  const fence = '`'.repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
  return `**${file}**: ${about}\n\n${fence}${language}\n${text}${fence}`;
}

function facts(handOver: HandOver): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Role', `\`${handOver.roleArn}\``],
    ['From', handOver.lease.startsAt],
    [
      'Until',
      `${handOver.lease.expiresAt}, refused by the policies themselves from then on${endedByLeasehold(handOver).length === 0 ? '' : ', but for what “At the end” names'}`,
    ],
    ['Sessions', `at most ${handOver.maxSessionSeconds} seconds`],
    ...(handOver.sourceIps === undefined ? [] : [['Only from', handOver.sourceIps.join(', ')] as const]),
    ...(isByApi(handOver) ? [['ExternalId', externalIdText(handOver)] as const] : []),
  ];
  return ['|   |   |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

const externalIdText = ({ externalId }: HandOver): string =>
  externalId === undefined ? 'sealed, see below' : `\`${externalId}\``;

function entrants({ accessors, granteeAccountId }: HandOver): readonly string[] {
  if (accessors.length === 0)
    return [
      `whoever account ${granteeAccountId} lets, by API with the ExternalId (an account’s owner cannot: only users and roles can)`,
    ];
  return accessors.map(({ type, name, via, requireMfa }) =>
    via === 'api'
      ? `${type} ${name}, by API with the ExternalId`
      : `${type} ${name}, at the console${requireMfa === false ? '' : ' after a logon with MFA'}`,
  );
}

function sealedSection({ keyThumbprint, sealed }: HandOver, opening: readonly Snippet[]): string {
  if (keyThumbprint === undefined) return '';
  const what = sealed.length === 0 ? 'It went out with the event and is not repeated here.' : '';
  return section('What is sealed', [
    [
      `Sealed to your key with the thumbprint \`${keyThumbprint}\`; only its private half opens it: \`${OPEN_COMMAND}\`.`,
      what,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    ...list(sealed.map(({ about }) => about)),
    ...opening.map(fenced),
    `For another contract you may want another key. This makes one, and prints the public half to be sent:\n\n\`\`\`sh\n${KEY_PAIR_COMMAND}\n\`\`\``,
  ]);
}

function accountsOf({ accounts, lease }: HandOver): readonly string[] {
  if (accounts.length === 0) return [];
  const text = `Made when the lease begins (${lease.startsAt}); what each logs on with is sealed, and goes out when it is made. They end when the contract ends, by Leasehold. After a suspension an account may have a new password, which goes out with the news that access is back.`;
  const lines = accounts.map(
    ({ account, may, ...instance }) => `${account} on ${instanceText(instance)}: ${may.join(', ')}`,
  );
  return [text, ...list(lines)];
}

function eventsOf({ routes, lease }: HandOver): readonly string[] {
  if (routes.length === 0) return [];
  const text = `A rule of the owner sends them from ${lease.startsAt} on; it ends when the contract ends, by Leasehold. What cannot be delivered within about a minute is lost.`;
  return [text, ...list(routes.map(({ what }) => what))];
}

const ACCESS = {
  console: 'logs on at the console',
  programmatic: 'signs with an AccessKey',
  both: 'logs on at the console and signs with an AccessKey',
} as const;

const describeUser = (user: ManagedUser): string =>
  isExisting(user)
    ? `user ${user.logonName}, your own: it was given the policy and is otherwise as it was`
    : `user ${user.logonName}, made for this contract: ${ACCESS[user.access]}`;
const describeRole = (role: ManagedRole): string =>
  isExisting(role)
    ? `role ${role.name}, your own: it was given the policy and is otherwise as it was`
    : `role ${role.name}, made for this contract: ECS instances take it on, and programs there need no key`;

const BY_API =
  'A session is three temporary values: key id, secret and token. All three sign each call, and all three end together. Take a new session before the old one ends, and do not enter for every call: STS answers 100 calls a second for a whole account.';

/** What a product does otherwise than one would think. */
function notes({ resources }: HandOver): readonly string[] {
  const has = (service: string, series?: string) =>
    resources.some(
      (grant) =>
        'service' in grant &&
        grant.service === service &&
        (series === undefined || ('series' in grant && grant.series === series)),
    );
  return list([
    ...(has('kafka')
      ? [
          'Kafka clients take no session: it opens the API only. They log on with an account above, where there is one. The instance’s owner tells its endpoints.',
        ]
      : []),
    ...(has('rocketmq', '5.x')
      ? [
          'RocketMQ 5.x clients take no session: it opens the API only. They log on with an account above, where there is one.',
        ]
      : []),
    ...(has('rabbitmq')
      ? ['RabbitMQ looks at user name and password when a connection opens, not later: connect anew in time.']
      : []),
  ]);
}

/** What no policy bounds in time. RAM is asked about every use of a RabbitMQ account. */
const endedByLeasehold = ({ accounts, routes }: HandOver): readonly string[] => [
  ...accounts
    .filter(({ product }) => product !== 'rabbitmq')
    .map(({ account, may: _, ...instance }) => `account ${account} on ${instanceText(instance)}`),
  ...(routes.length === 0 ? [] : ['what sends you events']),
];

function ending(handOver: HandOver): string {
  const { setup, lease } = handOver;
  const others = endedByLeasehold(handOver);
  return [
    `From ${lease.expiresAt} on, or when the contract is ended before, everything is refused${others.length === 0 ? '' : ' that RAM decides'}.`,
    ...(others.length === 0
      ? []
      : [
          `Not by themselves, but by Leasehold, within a minute or two as long as it runs, end: ${plain(others.join(', '))}.`,
        ]),
    setup === 'managed'
      ? 'What was made in your account is removed by Leasehold: keys first, then users; RAM keeps deleted users in its recycle bin for 30 days. Your own users only lose the policy.'
      : 'What you made in your account is yours to remove.',
  ].join(' ');
}
