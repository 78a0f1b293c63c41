import { describe, expect, it } from 'vitest';
import type { Contract } from '../../../shared/domain/contract.js';
import type { Written } from '../../support/chains.js';
import {
  account,
  active,
  amended,
  amending,
  amendmentRequested,
  at,
  doorsIntended,
  drift,
  ending,
  fact,
  key,
  resumed,
  resuming,
  suspending,
} from '../facts.js';

describe('an end', () => {
  it('is known with who wanted it, when, and the event where there was one', () => {
    const contract = active(ending('over'));
    expect(contract).toMatchObject({
      state: 'ending',
      ending: {
        reason: 'terminated',
        detail: 'as agreed',
        event: key('over'),
        seq: 7,
        at: at(7),
        overtook: false,
      },
    });
    expect(contract.events).toEqual([key('asked'), key('over')]);
    expect(active(ending()).events).toEqual([key('asked')]);
  });

  it('overtakes a change and a lifting', () => {
    expect(active(amendmentRequested(1), ending()).amendment).toBeUndefined();
    expect(active(suspending('A'), resuming('A'), ending()).resuming).toBeUndefined();
  });

  it.each<[string, readonly Written[], boolean]>([
    ['nothing', [], false],
    ['an amendment that nobody has begun with', [amendmentRequested(1)], false],
    [
      'one at work in the grantee’s account alone',
      [amendmentRequested(1), fact('grantee-preparing', { of: 7 })],
      false,
    ],
    ['one at work in the owner’s', [amendmentRequested(1), amending(1)], true],
    ['one that was carried out', [amendmentRequested(1), amending(1), amended(1)], false],
    ['a suspension', [suspending('A')], false],
    ['a lifting', [suspending('A'), resuming('A')], true],
    ['a lifting that is done', [suspending('A'), resuming('A'), resumed('A')], false],
    ['drift that was only told', [drift('reported')], false],
    ['drift that is being healed', [drift('healed')], true],
    ['drift that was healed', [drift('healed'), fact('drift-gone', { how: 'healed' })], false],
    ['an end that overtook nothing', [ending()], false],
    ['an end that overtook a change', [amendmentRequested(1), amending(1), ending()], true],
  ])('says whether somebody may be at the role still: after %s', (_, before, expected) => {
    expect(active(...before, ending()).ending?.overtook).toBe(expected);
  });

  it('forgets neither what was made nor what holds', () => {
    const before = [
      suspending('A'),
      doorsIntended([account('lh-a')], []),
      fact('grantee-changed', { of: 1, users: [{ name: 'a' }], roles: [] }),
      drift('reported'),
    ];
    const kept = ({ created, granteeSide, sideDoors, suspensions, terms, drift: found }: Contract) => ({
      created,
      granteeSide,
      sideDoors,
      suspensions,
      terms,
      found,
    });
    expect(kept(active(...before, ending()))).toEqual(kept(active(...before)));
  });

  it('is told step by step, and is the end once all is done', () => {
    const cut = { timeToDenySeconds: 3, witness: 'w', unseen: [] };
    const removed = { tokenDeath: 't', foreign: [] };
    const facts = [ending(), fact('cut', cut), fact('removed', removed)];
    expect(active(...facts)).toMatchObject({
      state: 'ending',
      cut: { ...cut, at: at(8) },
      removed: { ...removed, at: at(9) },
    });
    const ended = active(...facts, fact('ended', { reason: 'terminated', detail: 'd' }));
    expect(ended).toMatchObject({
      state: 'ended',
      ended: { reason: 'terminated', detail: 'd', at: at(10), seq: 10 },
      ending: { seq: 7 },
    });
  });
});
