import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Written } from '../../support/chains.js';
import {
  account,
  accountCredential,
  active,
  at,
  doorsIntended,
  doorsSettled,
  drift,
  fact,
  handedOver,
  key,
  made,
  resumed,
  resuming,
  route,
  suspending,
  userCredential,
} from '../facts.js';

describe('suspensions', () => {
  it('hold each for itself: access counts as open again once the last is lifted', () => {
    const step = fc.record({ id: fc.constantFrom('s-1', 's-2', 's-3'), isLifted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const holding = new Set<string>();
        const facts: Written[] = [];
        for (const { id, isLifted } of steps) {
          // As they are written: none that holds is begun again, none that does not is lifted.
          if (isLifted !== holding.has(id)) continue;
          if (isLifted) holding.delete(id);
          else holding.add(id);
          facts.push(isLifted ? resumed(id, ...holding) : suspending(id));
        }
        const contract = active(...facts);
        expect(contract.suspensions.map(({ id }) => id)).toEqual([...holding]);
        expect(contract.state).toBe(holding.size === 0 ? 'active' : 'suspended');
      }),
    );
  });

  it('keep access closed where one of two is lifted', () => {
    const contract = active(suspending('A'), suspending('B'), resuming('A'), resumed('A', 'B'));
    expect(contract).toMatchObject({ state: 'suspended', suspensions: [{ id: 'B' }] });
  });

  it('tell who asked for them, why and when, and when they were seen to hold', () => {
    const seen = { suspension: 'B', timeToDenySeconds: 4, witness: 'w', unseen: [] };
    const contract = active(suspending('A'), suspending('B'), fact('suspended', seen));
    expect(contract.suspensions).toEqual([
      { id: 'A', event: key('A'), by: 'anna', reason: 'because of A', since: at(7), seq: 7 },
      { id: 'B', event: key('B'), by: 'anna', reason: 'because of B', since: at(8), seq: 8, seen },
    ]);
    expect(contract.state).toBe('suspended');
  });

  it('are being lifted since somebody said so', () => {
    const contract = active(suspending('A'), resuming('A'));
    expect(contract.resuming).toMatchObject({ suspension: 'A', by: 'bert', reason: 'is over' });
    expect(contract.state).toBe('suspended');
  });

  it('are lifted with a word owed to the grantee', () => {
    const contract = active(suspending('A'), resuming('A'), resumed('A'));
    expect(contract.resuming).toBeUndefined();
    expect(contract.resumed).toEqual({ suspension: 'A', remaining: [], proofs: [], seq: 9 });
    expect(contract.owed.at(-1)).toEqual({ what: 'resumed', of: 9 });
  });

  it('hold on where lifting failed', () => {
    const failed = fact('resume-failed', { suspension: 'A', step: 's', code: 'c' });
    const contract = active(suspending('A'), resuming('A'), failed);
    expect(contract).toMatchObject({ state: 'suspended', suspensions: [{ id: 'A' }] });
    expect(contract.resuming).toBeUndefined();
    expect(contract.setbacks).toMatchObject([{ step: 's', code: 'c', of: { suspension: 'A' } }]);
    expect(active(suspending('A'), failed).setbacks).toEqual([]);
  });

  it('that begin meanwhile overtake a lifting', () => {
    expect(active(suspending('A'), resuming('A'), suspending('B')).resuming).toBeUndefined();
  });

  it('take from the grantee what it had for accounts that pause by being deleted, and nothing else', () => {
    const all = [
      accountCredential('lh-kept'),
      accountCredential('lh-deleted'),
      userCredential('lh-deleted'),
      accountCredential('lh-unknown'),
    ];
    const doors = doorsIntended(
      [account('lh-kept'), account('lh-deleted', { pausesBy: 'deletion' })],
      [route('lh-unknown')],
    );
    const contract = active(doors, made(1, ...all), handedOver(1), suspending('A'));
    expect(contract.credentials).toEqual([all[0], all[2], all[3]]);
    expect(contract.sideDoors).toEqual(active(doors).sideDoors);
  });
});

describe('a warning', () => {
  it('is remembered by end and days, so that an extended lease is warned of anew', () => {
    const warned = (seconds: number, days: number) => fact('warned', { days, expiresAt: at(seconds) });
    const { warned: given } = active(warned(1, 30), warned(1, 7), warned(2, 30));
    expect(given).toMatchObject([
      { expiresAt: '2026-12-01T08:00:00Z', days: 30 },
      { expiresAt: '2026-12-01T08:00:00Z', days: 7 },
      { expiresAt: '2026-12-01T08:01:00Z', days: 30 },
    ]);
  });
});

describe('drift', () => {
  it('is known as it was last found, with when, as long as it is there', () => {
    const contract = active(drift('reported'), drift('stopped-again'));
    expect(contract.drift).toMatchObject({ action: 'stopped-again', fingerprint: 'f', seq: 8, at: at(8) });
    expect(contract.state).toBe('active');
    expect(active(drift('healed'), fact('drift-gone', { how: 'healed' })).drift).toBeUndefined();
  });
});

describe('an inventory', () => {
  it('is taken in parts, and what it does not show is named once', () => {
    const part = (of: string, ...unseen: readonly string[]) =>
      fact('inventory-taken', { lists: [{ of, names: [`${of}-1`] }], unseen });
    expect(active(part('x', 'u', 'v'), part('y', 'v', 'w')).inventory).toEqual({
      lists: [
        { of: 'x', names: ['x-1'] },
        { of: 'y', names: ['y-1'] },
      ],
      unseen: ['u', 'v', 'w'],
    });
  });

  it('that is compared tells what appeared', () => {
    const data = { appeared: [{ what: 'a topic', next: 'n' }], unseen: [] };
    expect(active(fact('inventory-compared', data)).appeared).toEqual(data);
  });
});

describe('side doors', () => {
  it('are all that was ever intended, as last intended', () => {
    const first = doorsIntended([account('lh-a'), account('lh-b')], [route('lh-r'), route('lh-s')]);
    const [a, r] = [account('lh-a', { caveat: 'other' }), route('lh-r', '{"x":1}')];
    expect(active(first, doorsIntended([a], [r])).sideDoors).toEqual({
      accounts: [account('lh-b'), a],
      routes: [route('lh-s'), r],
    });
    expect(active(first, doorsIntended([], [])).sideDoors).toEqual(active(first).sideDoors);
  });

  it('are ours until they are seen to be gone, also while lost', () => {
    const first = doorsIntended([account('lh-a'), account('lh-b')], [route('lh-r'), route('lh-s')]);
    expect(active(first, doorsSettled(['lh-a', 'lh-r'], ['lh-b'])).sideDoors).toEqual({
      accounts: [account('lh-b')],
      routes: [route('lh-s')],
    });
  });

  it('that are gone or lost take with them what was handed over for them', () => {
    const all = ['lh-gone', 'lh-lost', 'lh-kept'].map((one) => accountCredential(one));
    const user = userCredential('lh-gone');
    const contract = active(made(1, ...all, user), handedOver(1), doorsSettled(['lh-gone'], ['lh-lost']));
    expect(contract.credentials).toEqual([all[2], user]);
  });
});
