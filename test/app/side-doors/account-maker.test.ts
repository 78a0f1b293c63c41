import { describe, expect, it } from 'vitest';
import { accountMaker } from '../../../shared/app/side-doors/account-maker.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { TryLaterError } from '../../../shared/domain/errors.js';
import type { Unsettled } from '../../../shared/domain/fact.js';
import { accountCredential, doorsIntended, fact, handingOver } from '../../domain/facts.js';
import { chainOf, type Written } from '../../support/chains.js';
import { ACCOUNT, doorsWith, GRANTED, plan, RULE } from '../../support/small-cloud/doors.js';
import { contractId } from '../../support/small-cloud/lease.js';

/** An account that is to be handed over, which this try has begun. */
const BEGUN = [...GRANTED, doorsIntended([ACCOUNT], [RULE]), handingOver(1)];
const NAME = ACCOUNT.account;
type Doors = ReturnType<typeof doorsWith>;
function begun() {
  const doors = doorsWith(BEGUN);
  doors.accounts.clear();
  return doors;
}
async function make(doors: Doors, ports: Ports = doors.ports) {
  const notes: Unsettled[] = [];
  const making = accountMaker.make(doors.contract, plan, ports, (note) => notes.push(note));
  return { notes, making };
}
/** As another writer does meanwhile. */
function write({ cloud }: Doors, ...facts: readonly Written[]): void {
  for (const one of chainOf([...BEGUN, ...facts], contractId).slice(BEGUN.length))
    cloud.evidence.set(
      `contracts/${contractId}/${String(one.seq).padStart(8, '0')}.json`,
      JSON.stringify(one),
    );
}
const applying = (doors: Doors, apply: (...asked: Parameters<Ports['dataPlanes']['apply']>) => unknown) => ({
  ...doors.ports,
  dataPlanes: { ...doors.ports.dataPlanes, apply } as Ports['dataPlanes'],
});

describe('an account that is to be handed over', () => {
  it('is made with its rights, and its password is in what is sealed', async () => {
    const doors = begun();
    const { secrets, credentials } = await (await make(doors)).making;
    expect(secrets).toEqual([expect.objectContaining({ username: NAME, password: 'secret' })]);
    expect(credentials).toEqual([accountCredential(NAME, ACCOUNT.instance.instanceId)]);
    expect(doors.accounts.get(NAME)?.entries).toEqual(ACCOUNT.entries);
  });

  it('that an earlier try made is made anew, since nobody knows its password', async () => {
    const doors = begun();
    doors.accounts.set(NAME, { isEnabled: true, entries: ACCOUNT.entries });
    await (await make(doors)).making;
    expect(doors.done.slice(0, 3)).toEqual(
      expect.arrayContaining([`${NAME} deleteAccount`, `${NAME} createAccount`]),
    );
  });

  it('is not deleted where another has begun to hand over since', async () => {
    const doors = begun();
    doors.accounts.set(NAME, { isEnabled: true, entries: ACCOUNT.entries });
    write(doors, handingOver(1));
    await expect((await make(doors)).making).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(doors.done).toEqual([]);
  });

  it('is not made where ACLs bind nobody', async () => {
    const doors = begun();
    doors.is.aclOn = false;
    await expect((await make(doors)).making).rejects.toThrow('the ACL of Kafka instance');
    expect(doors.done).toEqual([]);
  });

  it('goes again where it cannot be given its rights', async () => {
    const doors = begun();
    const { apply } = doors.ports.dataPlanes;
    const ports = applying(doors, (...asked) =>
      asked[2].kind === 'addEntry'
        ? Promise.reject(new TryLaterError('UNAVAILABLE', 'down'))
        : apply(...asked),
    );
    await expect((await make(doors, ports)).making).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(doors.accounts.size).toBe(0);
  });

  it('of which nobody knows whether it was made is noted, and left to be seen by the next try', async () => {
    const doors = begun();
    const { apply } = doors.ports.dataPlanes;
    const ports = applying(doors, async (...asked) => {
      await apply(...asked);
      throw new TryLaterError('NO_ANSWER', 'lost');
    });
    const { making, notes } = await make(doors, ports);
    await expect(making).rejects.toMatchObject({ code: 'NO_ANSWER' });
    expect([notes, [...doors.accounts.keys()]]).toEqual([[{ what: 'made', of: NAME }], [NAME]]);
  });
});

describe('an account that was made, and is taken back', () => {
  it.each<[string, readonly Written[], number]>([
    ['goes', [], 0],
    ['stays where another makes it anew since, who deletes it himself', [handingOver(1)], 1],
    [
      'stays where it has been handed over all the same',
      [
        fact('credentials-made', {
          of: 1,
          credentials: [accountCredential(NAME, ACCOUNT.instance.instanceId)],
        }),
        fact('handed-over', { of: 1 }),
      ],
      1,
    ],
  ])('%s', async (_, since, left) => {
    const doors = begun();
    const made = await (await make(doors)).making;
    write(doors, ...since);
    await made.takeBack();
    expect(doors.accounts.size).toBe(left);
  });
});

describe('an account that an earlier try asked for', () => {
  const missingOf = (product: string, there: object | undefined) => {
    const doors = begun();
    const instance = { ...ACCOUNT.instance, product } as typeof ACCOUNT.instance;
    const observe = async () => ({
      isAclOn: true,
      entries: [],
      forEveryone: [],
      ...(there === undefined ? {} : { account: there }),
    });
    const dataPlanes = { ...doors.ports.dataPlanes, observe } as Ports['dataPlanes'];
    const of = { ...plan, accounts: [{ ...ACCOUNT, instance }] };
    return accountMaker.missing(doors.contract, of, { ...doors.ports, dataPlanes });
  };

  it.each<[string, object | undefined, readonly string[]]>([
    ['kafka', undefined, [NAME]],
    ['rabbitmq', undefined, [NAME]],
    ['rabbitmq', { isEnabled: true, isBroken: true }, [NAME]],
    ['rabbitmq', { isEnabled: true }, []],
    // It would be refused.
    ['rocketmq5', undefined, []],
  ])('is waited for where it may come late and do harm: %s, there %j', async (product, there, missing) => {
    expect(await missingOf(product, there)).toEqual(missing);
  });
});
