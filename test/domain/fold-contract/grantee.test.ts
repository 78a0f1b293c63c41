import { describe, expect, it } from 'vitest';
import type { LeftBehind } from '../../../shared/domain/fact.js';
import { isReleased } from '../../../shared/domain/fold-contract.js';
import { CONTRACT, type Written } from '../../support/chains.js';
import {
  accountCredential,
  active,
  at,
  fact,
  gist,
  handedOver,
  handingOver,
  made,
  userCredential,
} from '../facts.js';

describe('what is handed over', () => {
  const [anna, bert] = [userCredential('id-anna', 'k-1'), userCredential('id-bert', 'k-2')];

  it('is being made since somebody said so', () => {
    expect(active(handingOver(1)).handingOver).toEqual({ of: 1, execution: 'e', seq: 7, at: at(7) });
  });

  it('counts as the grantee’s once it was announced, and not before', () => {
    const before = [handingOver(1), made(1, anna)];
    expect(active(...before)).toMatchObject({
      credentials: [],
      made: { of: 1, credentials: [anna], seq: 8 },
      handingOver: { of: 1 },
    });
    const after = active(...before, handedOver(1));
    expect(after.credentials).toEqual([anna]);
    expect(after.made).toBeUndefined();
    expect(after.handingOver).toBeUndefined();
  });

  it('is made anew by a writer who comes between', () => {
    const between = [handingOver(1), made(1, anna), handingOver(1)];
    expect(active(...between).made).toBeUndefined();
    expect(active(...between).handingOver).toMatchObject({ seq: 9 });
    expect(active(...between, made(1, bert), handedOver(1)).credentials).toEqual([bert]);
  });

  it('is nothing where nothing was made for it', () => {
    expect(active(handingOver(1), handedOver(1)).credentials).toEqual([]);
  });

  it('is of each holder the last', () => {
    const [anew, carla] = [userCredential('id-anna', 'k-9'), userCredential('id-carla', 'k-3')];
    const first = [handingOver(1), made(1, anna, bert), handedOver(1)];
    const second = [handingOver(7), made(7, anew, carla), handedOver(7)];
    expect(active(...first, ...second).credentials).toEqual([bert, anew, carla]);
    expect(active(...first, handingOver(7), handedOver(7)).credentials).toEqual([anna, bert]);
  });

  it.each([
    ['a user that was made again under the name', anna, { ...anna, id: 'id-other' }],
    ['accounts of two names', accountCredential('lh-a'), accountCredential('lh-b')],
    ['a user whose id is the name of an account', userCredential('lh-a'), accountCredential('lh-a')],
    ['an account whose name is the id of a user', accountCredential('lh-a'), userCredential('lh-a')],
  ])('has two holders: %s', (_, first, second) => {
    const all = [handingOver(1), made(1, first), handedOver(1), made(7, second), handedOver(7)];
    expect(active(...all).credentials).toEqual([first, second]);
  });

  it('has one holder under the name of an account, whatever its instance', () => {
    const [first, second] = [accountCredential('lh-a', 'i-1'), accountCredential('lh-a', 'i-2')];
    const all = [made(1, first), handedOver(1), made(7, second), handedOver(7)];
    expect(active(...all).credentials).toEqual([second]);
  });

  it('is given up with what was made for it, by the try that is named and no other', () => {
    const tries = [handingOver(1), made(1, anna)];
    const given = active(...tries, fact('hand-over-given-up', { begun: 7 }));
    expect(given.made).toBeUndefined();
    expect(given.handingOver).toBeUndefined();
    const later = [handingOver(1), handingOver(1), made(1, bert)];
    const other = active(...later, fact('hand-over-given-up', { begun: 7 }));
    expect(gist(other)).toStrictEqual(gist(active(...later)));
  });
});

describe('what is not known of a hand-over that came to nothing', () => {
  const unsettled = { what: 'made', of: 'lh-a' } as const;
  const tries = [handingOver(1), fact('hand-over-given-up', { begun: 7, unsettled })];

  it('is remembered with its instant, over tries that came to nothing for another reason', () => {
    const { unsettled: known } = active(...tries, handingOver(1), fact('hand-over-given-up', { begun: 9 }));
    expect(known).toMatchObject({ ...unsettled, at: active(...tries).unsettled?.at });
  });
  it('is forgotten once something was handed over', () => {
    expect(active(...tries, made(1, accountCredential('lh-a')), handedOver(1)).unsettled).toBeUndefined();
  });
});

describe('the grantee’s side', () => {
  const changed = (users: readonly string[], roles: readonly string[], id?: string): Written => {
    const things = (names: readonly string[]) =>
      names.map((name) => (id === undefined ? { name } : { name, made: { id, by: CONTRACT } }));
    return fact('grantee-changed', { of: 1, users: things(users), roles: things(roles) });
  };
  const released = (
    users: readonly string[],
    roles: readonly string[],
    ...leftBehind: readonly LeftBehind[]
  ) => fact('grantee-released', { users, roles, leftBehind });
  const left = (type: LeftBehind['type'], name: string, why = 'why'): LeftBehind => ({
    type,
    name,
    given: [why],
    next: 'n',
  });

  it('grows fact by fact, and names everybody once, as last told', () => {
    const { granteeSide } = active(changed(['a', 'b'], ['r']), changed(['a'], ['b'], 'id-1'));
    expect(granteeSide.users).toEqual([{ name: 'b' }, { name: 'a', made: { id: 'id-1', by: CONTRACT } }]);
    expect(granteeSide.roles).toEqual([{ name: 'r' }, { name: 'b', made: { id: 'id-1', by: CONTRACT } }]);
    const again = active(changed(['a'], ['r', 's']), changed([], ['r'], 'id-2')).granteeSide;
    expect(again).toMatchObject({
      users: [{ name: 'a' }],
      roles: [{ name: 's' }, { name: 'r', made: { id: 'id-2' } }],
    });
  });

  it('is set up for what it was last set up for', () => {
    const facts = [fact('grantee-prepared', { of: 1 }), fact('grantee-prepared', { of: 7 })];
    expect(active(changed(['a'], []), ...facts).granteeSide).toMatchObject({
      users: [{ name: 'a' }],
      preparedFor: 7,
    });
  });

  it('loses whom it releases, users and roles each for themselves', () => {
    const { granteeSide } = active(changed(['a', 'b'], ['a', 'c']), released(['a'], ['c']));
    expect(granteeSide).toMatchObject({ users: [{ name: 'b' }], roles: [{ name: 'a' }] });
  });

  it('lists what is left behind as the last release about it says', () => {
    const first = released(
      ['a', 'b'],
      ['a'],
      left('user', 'a'),
      left('user', 'b'),
      left('role', 'a'),
      left('policy', 'p'),
    );
    const { leftBehind } = active(first, released(['a'], [], left('policy', 'p', 'still'))).granteeSide;
    expect(leftBehind).toEqual([left('user', 'b'), left('role', 'a'), left('policy', 'p', 'still')]);
    expect(active(first, released(['a', 'b'], ['a'])).granteeSide.leftBehind).toEqual([]);
  });

  it.each<[string, LeftBehind, boolean]>([
    ['a user that it names', left('user', 'a'), true],
    ['a user of the name of a role', left('user', 'r'), false],
    ['a role that it names', left('role', 'r'), true],
    ['a role of the name of a user', left('role', 'a'), false],
    ['the policy, as each release is', left('policy', 'p'), true],
  ])('is released: %s', (_, one, expected) => {
    expect(isReleased(one, { users: ['a'], roles: ['r'] })).toBe(expected);
  });

  it('tells what last kept it from being set up', () => {
    const hindered = (code: string) => fact('grantee-hindered', { of: 1, code, message: 'm' });
    expect(active(hindered('A'), hindered('B')).hindrance).toEqual({ of: 1, code: 'B', message: 'm' });
  });
});
