import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AdmitOutput } from '../../shared/app/admission/admission-outcome.js';
import type { AmendOutput } from '../../shared/app/admission/amend-output.js';
import type { AttendOutput } from '../../shared/app/sweep/attend-contract.js';
import { BrokenPromiseError, DeniedError, QueuedError, TryLaterError } from '../../shared/domain/errors.js';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');

interface Handler {
  readonly Errors: readonly string[];
  readonly Next?: string;
  readonly OutputConstructor?: Readonly<Record<string, unknown>>;
  readonly MaxAttempts?: number;
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxBackoffSeconds?: number;
}
interface State {
  readonly Type: string;
  readonly Name: string;
  readonly Action?: string;
  readonly Parameters?: Readonly<Record<string, unknown>> & {
    readonly resourceArn?: string;
    readonly body?: object;
  };
  readonly Retry?: readonly Handler[];
  readonly Catch?: readonly Handler[];
  readonly OutputConstructor?: Readonly<Record<string, unknown>>;
  readonly Next?: string;
  readonly Default?: string;
  readonly Branches?: readonly { readonly Condition?: string; readonly Next: string }[];
  readonly Processor?: { readonly States: readonly State[] };
}
interface Flow {
  readonly StartAt: string;
  readonly States: readonly State[];
}

const flows = readdirSync(new URL('workflows/', root))
  .filter((file) => file.endsWith('.yaml') && !['triggers.yaml', 'alarms.yaml'].includes(file))
  .map((file) => [file, parse(text(`workflows/${file}`)) as Flow] as const);
const inside = (states: readonly State[]): readonly State[] =>
  states.flatMap((state) => [state, ...inside(state.Processor?.States ?? [])]);
const all = flows.flatMap(([file, flow]) =>
  inside(flow.States).map((state) => ({ file, name: state.Name, state })),
);
const tasks = all.filter(({ state }) => state.Type === 'Task');
const folders = readdirSync(new URL('functions/', root)).filter((name) => !name.endsWith('.yaml'));
const deployed = Object.keys((parse(text('s.yaml')) as { readonly resources: object }).resources);
const pascal = (folder: string) => folder.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());

/** Names that the cloud gives to errors. Source: CloudFlow "Error handling", and its own `StartExecution`. */
const CLOUDS_OWN = /^(?:FnF\.[A-Za-z]+|FC\.[A-Za-z]+|UnhandledInvocationError|ExecutionAlreadyExists)$/;
const OURS: readonly string[] = [
  new TryLaterError('THROTTLED', '').name,
  new BrokenPromiseError('NOT_OURS', '').name,
  new DeniedError('').name,
  new QueuedError('').name,
];

describe.each(all.filter(({ state }) => state.Type === 'Task' || state.Type === 'Map'))(
  '$name of $file',
  ({ name, state }) => {
    it('never fails silently: whatever goes wrong is caught', () => {
      expect((state.Catch ?? []).flatMap(({ Errors }) => Errors)).toContain('FnF.ALL');
    });
    it('says, to whoever tells or undoes it, which step went wrong, what it was about, and what was answered', () => {
      const undoes = name === 'WithdrawAccess' || name === 'RestoreAccess';
      const told = (state.Catch ?? []).filter(({ Next = '' }) =>
        /^(?:Report(?:Failure|Item)|WithdrawAccess|RestoreAccess)$/.test(Next),
      );
      for (const { OutputConstructor } of told)
        expect(OutputConstructor).toMatchObject({
          'failed.$': undoes ? '$Input.failed' : '$Input',
          step: name,
          'code.$': '$Context.Current.Error.Code',
          'detail.$': '$Context.Current.Error.Detail',
        });
    });
  },
);

describe.each(tasks)('$name of $file', ({ state }) => {
  it('is tried again for names that exist, and for what may pass', () => {
    const names = [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap(({ Errors }) => Errors);
    expect(names.filter((name) => !CLOUDS_OWN.test(name) && !OURS.includes(name))).toEqual([]);
    const retried = (state.Retry ?? []).flatMap(({ Errors }) => Errors);
    expect(retried.includes('FnF.ALL') || retried.includes(OURS[0] as string)).toBe(true);
  });
});

describe.each(tasks.filter(({ state }) => state.Action === 'FC:InvokeFunction'))(
  '$name of $file',
  ({ state }) => {
    it('invokes a function that has a folder and is deployed', () => {
      const folder = /functions\/\$\{prefix\}([a-z-]*)\/LATEST$/
        .exec(state.Parameters?.resourceArn ?? '')?.[1]
        ?.slice(1);
      expect(folders).toContain(folder);
      expect(deployed).toContain(folder);
    });
    it('says which execution it belongs to, for the log', () => {
      expect(Object.keys(state.Parameters?.body ?? {}).sort()).toEqual([
        'execution.$',
        expect.stringMatching(/^input(\.\$)?$/),
      ]);
    });
  },
);

describe.each(tasks)('$name of $file', ({ state }) => {
  it('is tried again when its function died or overran its time, whichever of two names that has', () => {
    for (const { Errors } of state.Retry ?? [])
      expect(Errors.includes('UnhandledInvocationError')).toBe(Errors.includes('FC.Unknown'));
  });
});

describe.each(
  tasks.filter(
    ({ state, file, name }) =>
      state.Action === 'FC:InvokeFunction' &&
      ['onboarding.yaml', 'amendment.yaml', 'revocation.yaml'].includes(file) &&
      name !== 'ReportFailure',
  ),
)('$name of $file', ({ state }) => {
  it.each(['FC.ResourceExhausted', 'FC.ResourceThrottled'])(
    'comes back every quarter of a minute when it is refused as %s, as long as a crowd may take',
    (name) => {
      const rule = state.Retry?.find(({ Errors }) => Errors.includes(name) || Errors.includes('FnF.ALL'));
      expect(rule?.Errors).toContain(name);
      expect(rule?.MaxBackoffSeconds).toBeLessThanOrEqual(15);
      expect((rule?.MaxAttempts ?? 0) * (rule?.MaxBackoffSeconds ?? 0)).toBeGreaterThanOrEqual(45 * 60);
    },
  );
});

describe('a step that ends access', () => {
  it.each(['CutAccess', 'RemoveAccess', 'ReportRevoked', 'WithdrawAccess', 'SuspendAccess'])(
    'such as %s is tried again whatever went wrong',
    (name) => {
      const found = tasks.filter((task) => task.name === name);
      expect(found.length).toBeGreaterThan(0);
      for (const { state } of found)
        expect((state.Retry ?? []).flatMap(({ Errors }) => Errors)).toContain('FnF.ALL');
    },
  );
});

/** Seconds for which a step is tried again after such an error: by the first rule that names it. */
function patienceOf({ Retry = [] }: State, error: string): number {
  const rule = Retry.find(({ Errors }) => Errors.includes(error) || Errors.includes('FnF.ALL'));
  const { MaxAttempts = 0, IntervalSeconds = 0, BackoffRate = 1, MaxBackoffSeconds = 1e9 } = rule ?? {};
  return Array.from({ length: MaxAttempts }, (_, tries) =>
    Math.min(IntervalSeconds * BackoffRate ** tries, MaxBackoffSeconds),
  ).reduce((sum, seconds) => sum + seconds, 0);
}

const patient = (names: readonly string[]) => tasks.filter(({ name }) => names.includes(name));

describe.each(patient(['GrantAccess', 'SuspendAccess', 'CutAccess', 'RemoveAccess', 'WithdrawAccess']))(
  '$name of $file, before which others may go',
  ({ state }) => {
    it('comes back for as long as anybody waits for a turn, every few seconds, within what an execution takes', () => {
      const rule = state.Retry?.find(({ Errors }) => Errors.includes('QueuedError'));
      expect(patienceOf(state, 'QueuedError')).toBeGreaterThanOrEqual(3000 + 300);
      expect(rule?.IntervalSeconds).toBeLessThanOrEqual(5);
      expect(rule?.MaxAttempts).toBeLessThanOrEqual(700);
    });
  },
);

describe.each(patient(['CutAccess', 'RemoveAccess', 'ReportRevoked', 'WithdrawAccess', 'RestoreAccess']))(
  '$name of $file, which cuts or takes back',
  ({ state }) => {
    it('is tried for half an hour, but for a promise that cannot be kept: of that a person hears within a minute', () => {
      expect(patienceOf(state, 'Anything')).toBeGreaterThan(30 * 60);
      expect(patienceOf(state, 'BrokenPromiseError')).toBeLessThanOrEqual(60);
      expect(patienceOf(state, 'BrokenPromiseError')).toBeGreaterThan(0);
    });
  },
);

describe.each(
  tasks.filter(({ state }) => (state.Retry ?? []).some(({ Errors }) => Errors.includes('TryLaterError'))),
)('$name of $file, which is tried again for what may pass alone', ({ file, state }) => {
  it('bears with a cloud that asks for patience for minutes, and with a function that died for half of one', () => {
    expect(patienceOf(state, 'TryLaterError')).toBeGreaterThan(100);
    for (const died of ['FC.InternalServerError', 'FC.Unknown', 'FnF.TaskTimeout'])
      expect([died, patienceOf(state, died) >= 30]).toEqual([died, true]);
  });
  it('bears with NoPermission for a minute where it may be the answer to a burst of writes', () => {
    const isChange = file === 'onboarding.yaml' || file === 'amendment.yaml';
    expect(patienceOf(state, 'DeniedError') >= 60).toBe(isChange);
  });
});

describe('a tick of the clock', () => {
  it('comes back for some minutes where no instance is free, which is when most is due', () => {
    const [look] = tasks.filter(({ name }) => name === 'FindDueWork');
    expect(look && patienceOf(look.state, 'FC.ResourceExhausted')).toBeGreaterThan(4 * 60);
  });
});

describe('what nobody else knows', () => {
  const told = tasks.filter(
    ({ file, name }) => name === 'ReportFailure' && !['expiry.yaml', 'reconciliation.yaml'].includes(file),
  );
  it.each(told)('is tried to be told for most of a day by $file', ({ state }) => {
    expect(patienceOf(state, 'Anything')).toBeGreaterThan(23 * 3600);
  });
  it.each([
    ['amendment.yaml', 'Told', 'Succeed'],
    // Until an end is proven somebody is to be rung for it.
    ['revocation.yaml', 'EndFailed', 'Fail'],
  ])('is tried once more as a whole, minutes later, by %s, which ends as %s', (file, next, type) => {
    const stateOf = (name: string) => all.find((one) => one.file === file && one.name === name)?.state;
    expect(stateOf('ReportFailure')).toMatchObject({
      Next: 'WasItHeard',
      OutputConstructor: { 'told.$': '$Output.Body', 'failed.$': '$Input.failed' },
    });
    expect(stateOf('WaitAWhile')).toMatchObject({ Type: 'Wait', Seconds: 300, Next: 'StartAgain' });
    expect([stateOf('StartAgain')?.Next, stateOf(next)?.Type]).toEqual([next, type]);
  });
});

describe('a choice that is not about the outcome of a step', () => {
  it.each([
    ['expiry.yaml', 'IsAnythingDue', '$Input.count > 0', 'AttendAll', 'Idle'],
    ['expiry.yaml', 'IsMoreDue', '$Input.cursor != ""', 'StartNextPage', 'Idle'],
    ['reconciliation.yaml', 'IsAnybodyToLookAt', '$Input.count > 0', 'HealAll', 'Looked'],
    ['reconciliation.yaml', 'WhatFollows', '$Input.next == "amendment"', 'StartAmendment', 'Settled'],
    ['reconciliation.yaml', 'IsMoreOwed', '$Input.isMore', 'StartNextPage', 'Looked'],
    ['amendment.yaml', 'WasItHeard', '$Input.told.again', 'WaitAWhile', 'Told'],
    ['revocation.yaml', 'WasItHeard', '$Input.told.again', 'WaitAWhile', 'EndFailed'],
  ])('leads in %s from %s, where %s, to %s, and else to %s', (file, name, condition, next, otherwise) => {
    const choice = all.find((one) => one.file === file && one.name === name)?.state;
    expect([choice?.Branches?.map(({ Condition, Next }) => [Condition, Next]), choice?.Default]).toEqual([
      [[condition, next]],
      otherwise,
    ]);
  });
});

describe('a flow that another starts', () => {
  const ref = { input: { 'contractId.$': '$Input.contractId' } };
  const starts = tasks.filter(({ state }) => state.Action === 'FNF:StartExecution');

  it('is one that there is, and is told what it is about', () => {
    const started = starts.map(({ file, name, state }) => {
      const { resourceArn = '', executionName: _, 'executionName.$': __, ...given } = state.Parameters ?? {};
      return [`${file} ${name}`, /flow\/\$\{prefix\}-(.*)$/.exec(resourceArn)?.[1], given];
    });
    expect(started).toEqual([
      ['amendment.yaml StartRevocation', 'revocation', ref],
      ['amendment.yaml StartAgain', 'amendment', { 'input.$': '$Input.failed' }],
      ['expiry.yaml StartRevocation', 'revocation', ref],
      ['expiry.yaml StartOnboarding', 'onboarding', ref],
      ['expiry.yaml StartAmendment', 'amendment', ref],
      ['expiry.yaml StartReconciliation', 'reconciliation', ref],
      ['expiry.yaml StartNextPage', 'expiry', { input: { 'cursor.$': '$Input.cursor' } }],
      ['onboarding.yaml StartAmendment', 'amendment', ref],
      ['reconciliation.yaml StartAmendment', 'amendment', ref],
      ['reconciliation.yaml StartNextPage', 'reconciliation', { input: { 'looked.$': '$Input.looked' } }],
      ['revocation.yaml StartAgain', 'revocation', { 'input.$': '$Input.failed' }],
      ['undelivered.yaml StartRevocation', 'revocation', { 'input.$': '$Input.event' }],
      ['undelivered.yaml StartSuspension', 'amendment', { 'input.$': '$Input.event' }],
    ]);
  });

  it('bears a name where several looks may start it, and that it has begun already is nothing to tell', () => {
    const named = starts.filter(({ state }) => state.Parameters?.['executionName.$'] !== undefined);
    expect(named.map(({ file, name }) => `${file} ${name}`)).toEqual([
      'expiry.yaml StartRevocation',
      'expiry.yaml StartOnboarding',
      'expiry.yaml StartAmendment',
      'expiry.yaml StartReconciliation',
      'reconciliation.yaml StartAmendment',
    ]);
    for (const { file, state } of named) {
      const [first] = state.Catch ?? [];
      const next = all.find((one) => one.file === file && one.name === first?.Next)?.state;
      expect([state.Parameters?.['executionName.$'], first?.Errors, next?.Type]).toEqual([
        '$Input.executionName',
        ['ExecutionAlreadyExists', 'FnF.ExecutionAlreadyExists'],
        'Succeed',
      ]);
    }
  });
});

/** Where each outcome of a step leads. */
const AFTER_AMENDMENT: Readonly<Record<AmendOutput['outcome'], string>> = {
  suspend: 'SuspendAccess',
  amend: 'VerifyBefore',
  prepare: 'PrepareGrantee',
  resume: 'ResumeAccess',
  end: 'StartRevocation',
  'hand-over': 'HandOverAccess',
  finished: 'Answered',
};
const AFTER_REQUEST: Readonly<Record<AdmitOutput['outcome'], string>> = {
  admitted: 'GrantAccess',
  prepare: 'PrepareGrantee',
  amendment: 'StartAmendment',
  finished: 'Answered',
  awaiting: 'Answered',
  rejected: 'Answered',
};
const AFTER_LOOK: Readonly<Record<AttendOutput['next'], string>> = {
  revocation: 'StartRevocation',
  open: 'VerifyOpening',
  onboarding: 'StartOnboarding',
  amendment: 'StartAmendment',
  reconciliation: 'StartReconciliation',
  nothing: 'Attended',
};

describe.each([
  ['amendment.yaml', 'WhatChanges', 'outcome', AFTER_AMENDMENT],
  ['onboarding.yaml', 'IsAdmitted', 'outcome', AFTER_REQUEST],
  ['expiry.yaml', 'WhatIsDue', 'next', AFTER_LOOK],
] as const)('in %s %s', (file, name, member, leads) => {
  it.each(Object.entries(leads))('leads, after %s, to %s', (outcome, next) => {
    const choice = flows
      .filter(([one]) => one === file)
      .flatMap(([, flow]) => inside(flow.States))
      .find((state) => state.Name === name);
    const condition = `$Input.${member} == "${outcome}"`;
    const branch = choice?.Branches?.find((one) => one.Condition?.split(' || ').includes(condition));
    expect(branch?.Next ?? choice?.Default).toBe(next);
  });
});

/** Steps that have changed something, or may have, and what undoes it. */
const UNDONE_BY = [
  ['onboarding.yaml', 'PrepareGrantee', 'WithdrawAccess'],
  ['onboarding.yaml', 'GrantAccess', 'WithdrawAccess'],
  ['onboarding.yaml', 'VerifyAccess', 'WithdrawAccess'],
  ['onboarding.yaml', 'ActivateAccess', 'WithdrawAccess'],
  ['amendment.yaml', 'SuspendAccess', 'RestoreAccess'],
  ['amendment.yaml', 'PrepareGrantee', 'RestoreAccess'],
  ['amendment.yaml', 'VerifyBefore', 'RestoreAccess'],
  ['amendment.yaml', 'AmendAccess', 'RestoreAccess'],
  ['amendment.yaml', 'ResumeAccess', 'RestoreAccess'],
  ['amendment.yaml', 'VerifyChange', 'RestoreAccess'],
] as const;

describe('a step that has changed something, or may have', () => {
  it.each(UNDONE_BY)('of %s, such as %s, has it undone by %s, whatever goes wrong', (file, name, next) => {
    const found = tasks.filter((task) => task.file === file && task.name === name);
    expect(found.map(({ state }) => state.Catch?.map(({ Errors, Next }) => [Errors, Next]))).toEqual([
      [[['FnF.ALL'], next]],
    ]);
  });
});

describe('what went wrong and leaves nothing to undo', () => {
  const lastOf = ({ Catch = [] }: State) =>
    Catch.find(({ Errors }) => Errors.includes('FnF.ALL'))?.Next ?? '';
  const told = flows
    .filter(([file]) => file !== 'undelivered.yaml')
    .flatMap(([file, flow]) => [
      ...flow.States.map((state) => ({ file, name: state.Name, state, by: 'ReportFailure' })),
      ...flow.States.flatMap(({ Processor }) =>
        inside(Processor?.States ?? []).map((state) => ({ file, name: state.Name, state, by: 'ReportItem' })),
      ),
    ])
    .filter(({ name, state }) => 'Catch' in state && !/^Report(?:Failure|Item)$|^StartAgain$/.test(name))
    .filter(({ file, name }) => !UNDONE_BY.some((one) => one[0] === file && one[1] === name));

  it.each(told)('is told by $by, and what was done stays, after $name of $file', ({ state, by }) => {
    expect(lastOf(state)).toBe(by);
  });

  it.each([
    ['ReportFailure', 'Fail'],
    ['StartAgain', 'Fail'],
    ['StartSuspension', 'Fail'],
    ['ReportItem', 'Succeed'],
  ])('and could not even be told by %s, is a %s', (name, type) => {
    const untold = all
      .filter((one) => one.name === name)
      .filter(({ file }) => name !== 'StartSuspension' || file === 'undelivered.yaml');
    for (const { file, state } of untold)
      expect(all.find((one) => one.file === file && one.name === lastOf(state))?.state.Type).toBe(type);
  });
});

describe('an event that could not be delivered', () => {
  const stateOf = (name: string) =>
    flows.find(([file]) => file === 'undelivered.yaml')?.[1].States.find(({ Name }) => Name === name);

  it('is carried out though it could not be told', () => {
    const told = stateOf('ReportUndelivered');
    expect([told?.Next, told?.Catch?.map(({ Next }) => Next)]).toEqual(['WhatWasIt', ['WhatWasIt']]);
  });
  it('is carried out if it ends or suspends, and no other', () => {
    const branches = stateOf('WhatWasIt')?.Branches?.map(({ Condition, Next }) => [Condition, Next]);
    expect(branches).toEqual([
      ['$Input.event.type == "partner.contract.terminated"', 'StartRevocation'],
      ['$Input.event.type == "partner.access.suspend.requested"', 'StartSuspension'],
    ]);
  });
});

describe('what is told of a failure', () => {
  it('says that nothing is left only where a removal was seen before it, or the step before says so', () => {
    const said = tasks.flatMap(({ file, name, state }) =>
      [...(state.Catch ?? []), { OutputConstructor: state.OutputConstructor }]
        .filter(({ OutputConstructor: told = {} }) => 'withdrawn' in told || 'withdrawn.$' in told)
        .filter(({ OutputConstructor: told = {} }) => told['withdrawn'] !== false)
        .map(({ OutputConstructor: told = {} }) => [file, name, told['withdrawn'] ?? told['withdrawn.$']]),
    );
    expect(said).toEqual([
      ['amendment.yaml', 'RestoreAccess', '$Output.Body.withdrawn'],
      ['onboarding.yaml', 'WithdrawAccess', '$Output.Body.withdrawn'],
      ['revocation.yaml', 'ReportRevoked', true],
    ]);
  });
});

describe.each(flows)('%s', (_file, flow) => {
  it('goes only to states that there are, and to every one', () => {
    const check = (states: readonly State[], start: string) => {
      const names = states.map(({ Name }) => Name);
      const targets = states.flatMap(({ Next, Default, Branches = [], Catch = [] }) =>
        [Next, Default, ...Branches.map((one) => one.Next), ...Catch.map((one) => one.Next)].filter(
          (one) => one !== undefined,
        ),
      );
      expect(targets.filter((target) => !names.includes(target))).toEqual([]);
      expect(names.filter((name) => name !== start && !targets.includes(name))).toEqual([]);
    };
    check(flow.States, flow.StartAt);
    for (const { Processor } of inside(flow.States))
      if (Processor !== undefined) check(Processor.States, (Processor as unknown as Flow).StartAt);
  });
});

describe('every function', () => {
  it.each(folders)('%s is a state of some flow, named after it', (folder) => {
    expect(tasks.map(({ name }) => name)).toContain(pascal(folder));
  });
});
