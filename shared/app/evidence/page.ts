/** A contract's evidence as a page for people: who asked, who decided, what was done and seen, and what could not be. Pure. */
import type { Contract } from '../../domain/contract.js';
import type { DriftFinding, Fact, FactKind } from '../../domain/fact.js';
import { foldContract } from '../../domain/fold-contract.js';
import type { ContractId } from '../../domain/values.js';
import { counted } from '../counted.js';
import { planOfHash } from '../plan/approved-plan.js';
import { printPlan } from '../plan/print-plan.js';
import type { Refusal } from '../telling/refusals.js';
import type { SignatureWords } from './answers.js';
import { changeText, gistOf } from './gist.js';
import { code, list, plain, section, table, verbatim } from './markdown.js';

type FactOfKind<K extends FactKind> = Extract<Fact, { readonly kind: K }>;

/** What the page is made of. `facts`: a whole chain. */
export interface Evidence {
  readonly contractId: ContractId;
  readonly facts: readonly Fact[];
  readonly signatures: SignatureWords;
  readonly refusals: readonly Refusal[];
}

/** Markdown, ending in a newline. The same evidence makes the same page. */
export function evidencePage({ contractId, facts, signatures, refusals }: Evidence): string {
  const contract = foldContract(contractId, facts);
  // What an earlier request under this id came to stands in the timeline; the rest of the page is about the last one.
  const current = facts.filter(({ seq }) => seq >= contract.epoch);
  const lines = [
    `# Evidence for contract ${contractId}`,
    '',
    ...overview(contract, facts),
    ...section('Who asked, and who decided', decisions(current, signatures)),
    ...section('The plan', planText(contract)),
    ...section('What was done in the cloud', callsIn(facts)),
    ...section('What was seen', proofsIn(current)),
    ...section('Amendments', amendments(current)),
    ...section('Suspensions', suspensions(current)),
    ...section('Drift', driftIn(current)),
    ...section('What was refused', refusedOf(refusals)),
    ...section('The end', endOf(contract)),
    ...section('What appeared meanwhile', appearedIn(contract)),
    ...section('What could not be seen', unseenIn(current)),
    ...section('Timeline', timeline(facts)),
    ...section('How to check this', howToCheck(contract, facts)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const ofKind =
  <K extends FactKind>(...kinds: readonly K[]) =>
  (fact: Fact): fact is FactOfKind<K> =>
    (kinds as readonly string[]).includes(fact.kind);

/** A fact's number and hour, as the first two cells of a row. */
const placeOf = ({ seq, at }: Fact): readonly string[] => [`${seq}`, plain(at)];

function overview({ state, terms, requested }: Contract, facts: readonly Fact[]): readonly string[] {
  const last = facts.at(-1);
  const { grantee, lease } = terms?.request ?? {};
  return table(
    ['', ''],
    [
      ['State', state],
      ...(grantee === undefined ? [] : [['Partner', plain(`${grantee.name}, account ${grantee.accountId}`)]]),
      ...(requested === undefined
        ? []
        : [['Role', `${code(requested.roleName)} in account ${plain(requested.owner)}`]]),
      ...(lease === undefined ? [] : [['Lease', plain(`${lease.startsAt} to ${lease.expiresAt}`)]]),
      [
        'Register',
        `${counted(facts.length, 'fact')}; the last is ${last?.seq ?? 0}, ${code(last?.hash ?? 'none')}`,
      ],
    ],
  );
}

const DECISIONS = [
  'requested',
  'amendment-requested',
  'awaiting-approval',
  'approved',
  'declined',
  'rejected',
  'amendment-dropped',
] as const;

function decisions(facts: readonly Fact[], signatures: SignatureWords): readonly string[] {
  const said = facts.filter(ofKind(...DECISIONS));
  return table(
    ['Fact', 'When', 'What'],
    said.map((fact) => [...placeOf(fact), decisionText(fact, signatures)]),
  );
}

function decisionText(fact: FactOfKind<(typeof DECISIONS)[number]>, signatures: SignatureWords): string {
  const signature = signatures.get(fact.seq);
  switch (fact.kind) {
    case 'requested':
    case 'amendment-requested': {
      const { event, request, planHash } = fact.data;
      const what = fact.kind === 'requested' ? 'requested' : `revision ${fact.data.revision} requested`;
      return `${plain(`${what} by ${request.requestedBy}, event ${event.id} from ${event.source}`)}; plan ${code(planHash)}`;
    }
    case 'approved':
      return `${plain(`fact ${fact.data.of} approved by ${fact.data.by}${signature === undefined ? ', with no signature' : `; ${signature}`}`)}; plan ${code(fact.data.planHash)}`;
    case 'declined':
      return plain(
        `fact ${fact.data.of} declined by ${fact.data.by}: ${fact.data.reason}; ${signature ?? 'not signed'}`,
      );
    case 'awaiting-approval':
    case 'rejected':
    case 'amendment-dropped':
      return `${fact.kind}: ${plain(gistOf(fact))}`;
  }
}

function refusedOf(refusals: readonly Refusal[]): readonly string[] {
  if (refusals.length === 0) return [];
  const why = ({ reasons }: Refusal) =>
    reasons.map(({ code, pointer, message }) => plain(`${code} at ${pointer || '/'}: ${message}`)).join('; ');
  const which = ({ event }: Refusal) =>
    plain(`${event?.id ?? 'without an id'} from ${event?.source ?? 'nobody'}`);
  return [
    'Events about this contract that changed nothing. They are kept beside the chain, whose hashes do not cover them.',
    '',
    ...table(
      ['When', 'Event', 'Why'],
      refusals.map((one) => [plain(one.at), which(one), why(one)]),
    ),
  ];
}

/** The plan is made anew: what was approved, if anything was, is its hash. */
function planText({ requested, terms }: Contract): readonly string[] {
  if (requested === undefined || terms === undefined) return [];
  const plan = planOfHash(terms, requested.owner);
  const revision = terms.revision === 0 ? 'of the request' : `of revision ${terms.revision}`;
  if (plan === undefined)
    return list([
      `${revision}: ${code(terms.planHash)}. This version of Leasehold would make another plan, so none is printed here; the request itself stands in the register.`,
    ]);
  const standing =
    terms.approval === undefined
      ? `As it was asked for, ${revision}; NOT approved.`
      : `As it holds now, ${revision}; its hash is what was approved.`;
  return [standing, '', ...verbatim(printPlan(plan))];
}

const callsIn = (facts: readonly Fact[]): readonly string[] =>
  table(
    ['Fact', 'When', 'Step', 'Call', 'Request id'],
    facts.flatMap((fact) =>
      (fact.calls ?? []).map(({ action, requestId }) => [
        ...placeOf(fact),
        plain(fact.by),
        plain(action),
        code(requestId),
      ]),
    ),
  );

const PROVING = [
  'verified',
  'opened',
  'verified-before',
  'amended',
  'resumed',
  'side-doors-settled',
  'credentials-made',
] as const;

function proofsIn(facts: readonly Fact[]): readonly string[] {
  return facts
    .filter(ofKind(...PROVING))
    .filter(({ data }) => (data.proofs ?? []).length > 0)
    .flatMap(({ seq, at, kind, data }) => [
      `Fact ${seq}, ${plain(at)}: ${kind}.`,
      '',
      ...table(
        ['Right', 'Verdict', 'How'],
        (data.proofs ?? []).map(({ right, verdict, how }) => [right, verdict, how].map(plain)),
      ),
    ]);
}

const amendments = (facts: readonly Fact[]): readonly string[] =>
  table(
    ['Fact', 'When', 'Revision', 'What'],
    facts
      .filter(ofKind('amendment-requested', 'amended', 'amendment-failed', 'amendment-dropped'))
      .map((fact) => [
        ...placeOf(fact),
        plain(`${fact.data.revision}`),
        fact.kind === 'amendment-requested'
          ? `asked for: ${plain(changeText(fact.data.change))}`
          : `${fact.kind === 'amended' ? 'carried out and verified' : fact.kind}: ${plain(gistOf(fact))}`,
      ]),
  );

const suspensions = (facts: readonly Fact[]): readonly string[] =>
  table(
    ['Fact', 'When', 'What', ''],
    facts
      .filter(ofKind('suspending', 'suspended', 'resuming', 'resumed', 'resume-failed'))
      .map((fact) => [...placeOf(fact), fact.kind, plain(gistOf(fact))]),
  );

function driftIn(facts: readonly Fact[]): readonly string[] {
  const found = facts.filter(ofKind('drift-found', 'drift-gone'));
  return table(
    ['Fact', 'When', 'What was found', 'Done about it', 'Whose doing'],
    found.flatMap((fact) => {
      const place = placeOf(fact);
      if (fact.kind === 'drift-gone')
        return [[...place, plain(`not there any more: ${fact.data.how}`), '', '']];
      const { findings, action, who } = fact.data;
      return findings.map((finding) => [...place, findingText(finding), plain(action), plain(who)]);
    }),
  );
}

function findingText({ code, message, widens = [], narrows = [] }: DriftFinding): string {
  const change = widens.length + narrows.length === 0 ? [] : [changeText({ widens, narrows })];
  return plain([`${code}: ${message}`, ...change].join('; '));
}

function endOf({ ending, cut, removed, ended, granteeSide }: Contract): readonly string[] {
  if (ending === undefined) return [];
  const { reason, detail, by, direct, at } = ending;
  const lines = [
    `begun at ${at}: ${reason}, ${detail}${by === undefined ? '' : `, wanted by ${by}`}${direct === true ? '; carried out from a person’s own machine, past bus and flows' : ''}`,
    ...(cut === undefined
      ? ['NOT YET SEEN to be refused']
      : [
          `time to deny: ${cut.timeToDenySeconds === undefined ? 'n/a' : `${cut.timeToDenySeconds} s`}, recorded at ${cut.at}; ${cut.witness}`,
          ...(cut.sideDoors ?? []),
        ]),
    ...(removed === undefined
      ? ['NOT YET removed']
      : [
          `removed at ${removed.at}: ${removed.tokenDeath}`,
          ...(removed.sideDoors ?? []),
          ...removed.foreign.map((what) => `not ours, left as it is: ${what}`),
        ]),
    ...granteeSide.leftBehind.map(
      ({ type, name, given, next }) =>
        `left behind in the grantee's account: ${type} ${name} (${given.join(', ')}); ${next}`,
    ),
    ended === undefined ? 'NOT YET ended' : `ended at ${ended.at}`,
  ];
  return list(lines.map(plain));
}

/** On what the partner could operate, between the begin and the end; the lists do not tell whose doing it was. */
function appearedIn({ appeared }: Contract): readonly string[] {
  if (appeared === undefined) return [];
  return list([
    ...appeared.appeared.map(({ what, next }) => `${plain(what)}: ${plain(next)}`),
    ...(appeared.appeared.length === 0 ? ['nothing that the lists show'] : []),
    ...appeared.unseen.map((what) => `not compared: ${plain(what)}`),
  ]);
}

/** What no read call shows, as each step has said, and what this register never holds. */
function unseenIn(facts: readonly Fact[]): readonly string[] {
  const unprovable = facts
    .filter(ofKind(...PROVING))
    .flatMap(({ data }) => data.proofs ?? [])
    .filter(({ verdict }) => verdict === 'unprovable')
    .map(({ right, how }) => `${right}: ${how}`);
  const unseen = facts.filter(ofKind('cut', 'suspended')).flatMap(({ data }) => data.unseen);
  return list([
    ...[...new Set([...unprovable, ...unseen])].map(plain),
    'what the partner did with his access: the account’s audit trail (ActionTrail) has it, under the role’s name',
    'calls whose reply was lost have no request id above; the same trail has them',
  ]);
}

const timeline = (facts: readonly Fact[]): readonly string[] =>
  table(
    ['Fact', 'When', 'Kind', 'What', 'Step'],
    facts.map((fact) => [...placeOf(fact), fact.kind, plain(gistOf(fact)), plain(fact.by)]),
  );

const howToCheck = ({ contractId }: Contract, facts: readonly Fact[]): readonly string[] =>
  list([
    `this page is drawn from ${code(`${contractId}.json`)}, which holds every fact as it was written, each with the hash of the one before`,
    `${code(`leasehold verify ${contractId}.json`)} checks that chain, without any cloud`,
    `what shows a chain that was written anew as a whole is an anchor from outside: any outbound event about this contract carries ${code('data.register')}, such as ${code(`--anchor ${facts.at(-1)?.seq ?? 0}:<hash>`)}`,
  ]);
