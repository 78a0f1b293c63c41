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
  readonly MaxBackoffSeconds?: number;
}
interface State {
  readonly Type: string;
  readonly Name: string;
  readonly Action?: string;
  readonly Parameters?: { readonly resourceArn?: string; readonly body?: object };
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
const tasks = flows.flatMap(([file, flow]) =>
  inside(flow.States)
    .filter(({ Type }) => Type === 'Task')
    .map((state) => ({ file, name: state.Name, state })),
);
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

describe.each(tasks)('$name of $file', ({ state }) => {
  it('never fails silently: whatever goes wrong is caught', () => {
    expect((state.Catch ?? []).flatMap(({ Errors }) => Errors)).toContain('FnF.ALL');
  });
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

describe('a step that has changed something, or may have', () => {
  it.each([
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
  ])('of %s, such as %s, has it undone by %s, whatever goes wrong', (file, name, next) => {
    const found = tasks.filter((task) => task.file === file && task.name === name);
    expect(found.map(({ state }) => state.Catch?.map(({ Errors, Next }) => [Errors, Next]))).toEqual([
      [[['FnF.ALL'], next]],
    ]);
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
