import { describe, expect, it } from 'vitest';
import { cutAccess, cutContract } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { withdrawAccess } from '../../../shared/app/granting/withdraw-access.js';
import { ABOUT_NOTHING, parseFailureInput } from '../../../shared/app/inbound/step-input.js';
import { attendContract } from '../../../shared/app/sweep/attend-contract.js';
import { reportFailure } from '../../../shared/app/telling/report-failure.js';
import { addSeconds, type Instant } from '../../../shared/domain/values.js';
import { eventOf } from '../../support/requests.js';
import {
  contractId,
  down,
  leaseAfter,
  nobodysLease,
  type SmallLease,
  TERMINATED,
} from '../../support/small-cloud/lease.js';

/** Of what came of an event at its first step, or on its way there. */
const failureOf = (id: string, { step = 'Delivery', code = 'UNDELIVERED' } = {}) =>
  parseFailureInput(
    Buffer.from(
      JSON.stringify({
        failed: eventOf({ contractId }, { id, type: 'partner.contract.amended' }),
        step,
        code,
      }),
    ),
  );

describe('what came of an event that its contract knows nothing of', () => {
  it('names the event that is to be posted again', async () => {
    const { ports, told } = await leaseAfter(4);
    await reportFailure(failureOf('amend-1'), ports);
    expect(told.at(-1)).toMatchObject({
      type: 'partner.access.failed',
      data: { contractId, eventId: 'amend-1' },
    });
  });

  it.each([
    ['at another event', failureOf('amend-2')],
    ['of another step', failureOf('amend-1', { step: 'AdmitAmendment' })],
    ['for another reason', failureOf('amend-1', { code: 'DeniedError' })],
  ])('has another id than one %s, and the same when it is told twice', async (_, other) => {
    const { ports, told } = await leaseAfter(4);
    const before = told.length;
    for (const one of [failureOf('amend-1'), other, failureOf('amend-1')]) await reportFailure(one, ports);
    const [first, second, again] = told.slice(before).map(({ id }) => id);
    expect([first === second, first === again]).toEqual([false, true]);
  });

  it('has another id than one at another event also where the register cannot be reached', async () => {
    const { ports, told } = await leaseAfter(4);
    const before = told.length;
    const blind = { ...ports, evidence: { create: down, read: down, list: down, objects: down } };
    for (const id of ['amend-1', 'amend-2'])
      await expect(reportFailure(failureOf(id), blind)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const heard = told.slice(before);
    expect(heard.map(({ data }) => data['eventId'])).toEqual(['amend-1', 'amend-2']);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(2);
  });
});

describe('a failure that is about no contract, and that no event led to', () => {
  it('has one id all day, and another the day after', async () => {
    const { cloud, ports, told } = nobodysLease();
    const failure = parseFailureInput(
      Buffer.from(JSON.stringify({ failed: { cursor: '' }, step: 'FindDueWork', code: 'TryLaterError' })),
    );
    for (const hours of [0, 1, 24]) {
      cloud.now += hours * 3_600_000;
      await reportFailure(failure, ports);
    }
    const [first, again, later] = told.map(({ id }) => id);
    expect([first === again, first === later]).toEqual([true, false]);
  });
});

describe('a failure of a contract that no event led to', () => {
  /** Of a flow that the sweep started, or of the sweep's own look. */
  const failureAt = (step: string, code = 'DeniedError') =>
    parseFailureInput(Buffer.from(JSON.stringify({ failed: { contractId }, step, code })));

  it.each([
    ['at another step', failureAt('StartRevocation')],
    ['for another reason', failureAt('HealDrift', 'TryLaterError')],
  ])('has another id than one %s, and the same when it is told twice that day', async (_, other) => {
    const { cloud, ports, told } = await leaseAfter(4);
    const before = told.length;
    for (const one of [failureAt('HealDrift'), other, failureAt('HealDrift')]) {
      await reportFailure(one, ports);
      cloud.now += 3_600_000;
    }
    const [first, second, again] = told.slice(before).map(({ id }) => id);
    expect([first === second, first === again]).toEqual([false, true]);
  });

  it('has another id a year later, however the contract stood meanwhile', async () => {
    const { cloud, ports, told } = await leaseAfter(4);
    const before = told.length;
    await reportFailure(failureAt('HealDrift'), ports);
    cloud.now += 365 * 86_400_000;
    await reportFailure(failureAt('HealDrift'), ports);
    expect(new Set(told.slice(before).map(({ id }) => id)).size).toBe(2);
  });

  it('has one id all day and another the day after where the register cannot be believed', async () => {
    const { cloud, ports, told } = await leaseAfter(4);
    const [first = ''] = [...cloud.evidence.keys()].filter((key) => key.startsWith('contracts/'));
    cloud.evidence.set(first, '{}');
    const before = told.length;
    for (const hours of [0, 1, 24]) {
      cloud.now += hours * 3_600_000;
      await reportFailure(failureAt('AttendContract', 'BrokenPromiseError'), ports);
    }
    const [one, again, later] = told.slice(before).map(({ id }) => id);
    expect([one === again, one === later]).toEqual([true, false]);
  });
});

describe('a look that a failure has cut off', () => {
  const failureAt = (step: string, code = 'TryLaterError') =>
    parseFailureInput(Buffer.from(JSON.stringify({ failed: { contractId }, step, code })));
  const watchesOf = ({ cloud }: SmallLease, what: string) =>
    [...cloud.index.keys()].filter((key) => key.endsWith(`/${what}`));
  /** What is due is gone: so it stands when the last look has come. */
  async function over() {
    const small = await leaseAfter(4);
    await cutAccess(TERMINATED, small.ports);
    await removeAccess({ contractId }, small.ports);
    await reportRevoked({ contractId }, small.ports);
    small.cloud.index.clear();
    return small;
  }

  it.each([
    failureAt('StartRevocation', 'FnF.InternalServerError'),
    failureAt('CutAccess'),
    failureAt('RemoveAccess', 'FnF.TaskTimeout'),
  ])('at what is over, in $step by $code, is taken later', async (failure) => {
    const small = await over();
    for (const _ of ['first', 'again']) await reportFailure(failure, small.ports);
    const watches = watchesOf(small, 'closing-watch');
    expect(watches).toHaveLength(1);
    small.cloud.now += 30 * 60_000;
    expect(await attendContract(watches[0] ?? '', small.ports)).toMatchObject({ next: 'revocation' });
  });

  it('at what is over is not taken again where only a person can put right what is wrong', async () => {
    const small = await over();
    await reportFailure(failureAt('RemoveAccess', 'BrokenPromiseError'), small.ports);
    expect(watchesOf(small, 'closing-watch')).toEqual([]);
  });

  it('at a role that was changed is taken later', async () => {
    const small = await leaseAfter(4);
    small.cloud.index.clear();
    await reportFailure(failureAt('StartReconciliation', 'FnF.InternalServerError'), small.ports);
    expect(watchesOf(small, 'change-watch')).toHaveLength(1);
    expect(watchesOf(small, 'closing-watch')).toEqual([]);
  });
});

describe('an onboarding that failed', () => {
  const failed = { step: 'VerifyAccess', code: 'BrokenPromiseError' } as const;
  async function failing() {
    const lease = await leaseAfter(2);
    const { epoch } = await lease.contract();
    return { ...lease, failure: { ...ABOUT_NOTHING, contractId, epoch, ...failed } };
  }
  const last = ({ told }: Pick<SmallLease, 'told'>) => told.at(-1);

  it('may be asked for again once it was taken back, and is looked at again later', async () => {
    const { cloud, ports, told, failure, contract } = await failing();
    const { withdrawn } = await withdrawAccess(failure, ports);
    await reportFailure({ ...failure, withdrawn }, ports);
    const { state, failed: recorded } = await contract();
    expect([state, last({ told })?.data['withdrawn']]).toEqual(['failed', true]);
    const watches = [...cloud.index.keys()].filter((key) => key.endsWith('closing-watch')).sort();
    expect(watches).toEqual(
      [600, 7200, 86_400].map(
        (seconds) => `due/${addSeconds(recorded?.at as Instant, seconds)}/${contractId}/closing-watch`,
      ),
    );
  });

  it('is not said to be taken back as long as something of it may be there', async () => {
    const { ports, told, failure, contract } = await failing();
    await cutContract(contractId, { reason: 'failed', detail: 'test', failure: failed }, ports);
    await reportFailure(failure, ports);
    expect([(await contract()).state, last({ told })?.data]).toMatchObject([
      'ending',
      { withdrawn: false, state: 'ending' },
    ]);
  });
});
