import { describe, expect, it } from 'vitest';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { recordEnd } from '../../../shared/app/ending/report-revoked.js';
import { withdrawAccess } from '../../../shared/app/granting/withdraw-access.js';
import { ABOUT_NOTHING } from '../../../shared/app/inbound/step-input.js';
import { dueKey } from '../../../shared/app/register/index-entries.js';
import { appendFact } from '../../../shared/app/register/register.js';
import { attendContract } from '../../../shared/app/sweep/attend-contract.js';
import { reportFailure } from '../../../shared/app/telling/report-failure.js';
import { TryLaterError } from '../../../shared/domain/errors.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { approved, ending, fact, requested } from '../../domain/facts.js';
import { chainOf } from '../../support/chains.js';
import { NOW, PARTNER, request } from '../../support/requests.js';
import {
  contractId,
  leaseAfter,
  nobodysLease,
  type SmallLease,
  TERMINATED,
} from '../../support/small-cloud/lease.js';

const { lease } = request();
const EXPIRY = dueKey({ at: lease.expiresAt, contractId, what: 'expiry' });
const dueOf = ({ cloud }: SmallLease, what: string) =>
  [...cloud.index.keys()].filter((key) => key.startsWith('due/') && key.endsWith(`/${what}`));

describe('what is due of a contract', () => {
  it('stays due while it is put off: the later entry is there before the earlier one goes', async () => {
    const small = await leaseAfter(4);
    small.cloud.now = Date.parse(lease.expiresAt);
    const { index } = small.ports;
    const there: number[] = [];
    const remove: typeof index.remove = async (key) => {
      await index.remove(key);
      there.push(dueOf(small, 'expiry').length);
    };
    const output = await attendContract(EXPIRY, { ...small.ports, index: { ...index, remove } });
    expect([output.next, there]).toEqual(['revocation', [1]]);
    expect(dueOf(small, 'expiry')).not.toContain(EXPIRY);
  });

  it('is put off by an hour, and fails, where the register cannot be believed', async () => {
    const small = await leaseAfter(4);
    small.cloud.now = Date.parse(lease.expiresAt);
    const [first] = [...small.cloud.evidence.keys()].filter((key) => key.startsWith('contracts/'));
    small.cloud.evidence.set(first ?? '', '{}');
    await expect(attendContract(EXPIRY, small.ports)).rejects.toMatchObject({ code: 'REGISTER_BROKEN' });
    expect(dueOf(small, 'expiry')).toEqual([
      dueKey({ at: addSeconds(lease.expiresAt, 3600), contractId, what: 'expiry' }),
    ]);
  });

  it('is not due any more when nothing is to be done', async () => {
    const small = await leaseAfter(4);
    const before = dueOf(small, 'expiry');
    const passed = dueKey({ at: NOW, contractId, what: 'expiry' });
    small.cloud.index.set(passed, '{}');
    expect(await attendContract(passed, small.ports)).toMatchObject({ next: 'nothing' });
    expect([before, dueOf(small, 'expiry')]).toEqual([[EXPIRY], [EXPIRY]]);
  });

  it('stays due where the clock of whoever looks is behind that of whoever found it', async () => {
    const small = await leaseAfter(4);
    small.cloud.now = Date.parse(lease.expiresAt) - 1000;
    expect(await attendContract(EXPIRY, small.ports)).toMatchObject({ next: 'nothing' });
    expect(dueOf(small, 'expiry')).toEqual([EXPIRY]);
  });

  it('is left for a week to the register that knows the contract', async () => {
    const small = nobodysLease();
    const key = dueKey({ at: NOW, contractId, what: 'expiry' });
    small.cloud.index.set(key, '{}');
    small.cloud.now = Date.parse(NOW) + (7 * 86_400 - 1) * 1000;
    await attendContract(key, small.ports);
    expect(dueOf(small, 'expiry')).toEqual([key]);
    small.cloud.now += 1000;
    await attendContract(key, small.ports);
    expect(dueOf(small, 'expiry')).toEqual([]);
  });
});

describe('a hand-over that comes to nothing', () => {
  it('is looked at again when its rest is over, and starts nothing before', async () => {
    const small = await leaseAfter(3);
    const { ports, contract, cloud } = small;
    for (const minutes of [0, 480]) {
      cloud.now = Date.parse(NOW) + minutes * 60_000;
      await appendFact(await contract(), { kind: 'handing-over', data: { of: 1 } }, 'a-test', ports);
    }
    const key = dueKey({ at: NOW, contractId, what: 'progress' });
    small.cloud.index.set(key, '{}');
    expect(await attendContract(key, ports)).toMatchObject({ next: 'nothing' });
    const later = dueKey({ at: addSeconds(NOW, (480 + 120) * 60), contractId, what: 'progress' });
    expect(dueOf(small, 'progress')).toContain(later);
    expect(dueOf(small, 'progress')).not.toContain(key);
    cloud.now = Date.parse(NOW) + (480 + 120) * 60_000;
    expect(await attendContract(later, ports)).toMatchObject({ next: 'onboarding' });
  });
});

describe('a lease that has begun and is not seen to work', () => {
  it.each([
    [0, 900],
    [3600, 900],
    [8 * 3600, 2 * 3600],
    [90 * 86_400, 6 * 3600],
  ])('is looked at again, %i seconds after its beginning, %i later', async (seconds, later) => {
    const startsAt = addSeconds(NOW, 86_400);
    const small = await leaseAfter(4, { lease: { ...lease, startsAt } });
    small.cloud.now = Date.parse(startsAt) + seconds * 1000;
    const key = dueKey({ at: startsAt, contractId, what: 'start' });
    expect(await attendContract(key, small.ports)).toMatchObject({ next: 'open' });
    const again = dueKey({ at: addSeconds(startsAt, seconds + later), contractId, what: 'start' });
    expect(dueOf(small, 'start')).toEqual([again]);
  });
});

describe('an end that was recorded and not told', () => {
  async function untold() {
    const small = await leaseAfter(4);
    await cutAccess(TERMINATED, small.ports);
    await removeAccess({ contractId }, small.ports);
    await recordEnd(await small.contract(), small.ports);
    const key = dueKey({ at: small.ports.clock.now(), contractId, what: 'untold-end' });
    small.cloud.index.set(key, '{}');
    return { ...small, key };
  }
  const isTold = ({ told }: SmallLease) => told.some(({ type }) => type === 'partner.access.revoked');

  it('is told, and then not due any more', async () => {
    const small = await untold();
    await attendContract(small.key, small.ports);
    expect([isTold(small), dueOf(small, 'untold-end')]).toEqual([true, []]);
  });

  it('stays due, a little later, as long as the bus does not take it', async () => {
    const small = await untold();
    const events = { publish: () => Promise.reject(new TryLaterError('UNAVAILABLE', 'down')) };
    await expect(attendContract(small.key, { ...small.ports, events })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(dueOf(small, 'untold-end')).toHaveLength(1);
    expect(dueOf(small, 'untold-end')).not.toContain(small.key);
  });
});

describe('a last look at a contract that is over', () => {
  it('lets go also of what was claimed in the grantee’s account since', async () => {
    const small = nobodysLease();
    const setup = { mode: 'managed', users: [{ logonName: 'etl', access: 'programmatic' }], roles: [] };
    const { grantee } = request();
    const facts = [
      requested(request({ grantee: { ...grantee, setup } as never })),
      approved(1),
      fact('granting', { nonce: 'n', externalId: 'x', verifierExternalId: 'v' }),
      ending('end'),
      fact('ended', { reason: 'terminated', detail: 'as agreed' }),
    ];
    for (const one of chainOf(facts))
      small.cloud.evidence.set(
        `contracts/${contractId}/${String(one.seq).padStart(8, '0')}.json`,
        JSON.stringify(one),
      );
    const claimed = `grantees/${PARTNER}/users/etl/`;
    const watch = dueKey({ at: NOW, contractId, what: 'closing-watch' });
    for (const key of [watch, `${claimed}${contractId}`, `${claimed}another`]) small.cloud.index.set(key, '');
    expect(await attendContract(watch, small.ports)).toMatchObject({ next: 'revocation' });
    expect([...small.cloud.index.keys()]).toEqual([`${claimed}another`]);
  });

  it('leaves what is due of one that failed: a new request may have written it since', async () => {
    const small = await leaseAfter(2);
    const { ports, cloud, contract } = small;
    const { epoch } = await contract();
    const failure = { ...ABOUT_NOTHING, contractId, epoch, step: 'VerifyAccess', code: 'DeniedError' };
    await withdrawAccess(failure, ports);
    await reportFailure({ ...failure, withdrawn: true }, ports);
    expect((await contract()).state).toBe('failed');
    const [watch = ''] = dueOf(small, 'closing-watch').sort();
    const before = [...cloud.index.keys()].filter((key) => key !== watch);
    expect(before).toContain(EXPIRY);
    cloud.now = Date.parse(watch.split('/')[1] ?? '');
    await attendContract(watch, ports);
    expect([...cloud.index.keys()]).toEqual(before);
  });
});
