import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../shared/domain/canonical-json.js';
import { type Chain, hashOfFact, linkChain } from '../../shared/domain/chain.js';
import { FACT_KINDS, type Fact } from '../../shared/domain/fact.js';
import { parseContractId } from '../../shared/domain/values.js';
import { CONTRACT, chainOf } from '../support/chains.js';
import { ACTIVE, KINDS, requested, someFact, someFactOf } from './facts.js';

const NO_FACT = 'is no fact';
const NEWER = 'was written by a newer version; upgrade before writing';
const OUT_OF_PLACE = 'is out of place';
const NOT_ITS_HASH = 'breaks the chain of hashes: it is not what its hash was made of';
const NOT_AFTER = 'breaks the chain of hashes: it was not written after the fact that stands before it';

const link = (entries: readonly unknown[]): Chain => linkChain(CONTRACT, entries);
const broken = (seq: number, what: string): Chain => ({ ok: false, break: { seq, what } });
/** As somebody writes it who can take hashes too. */
const rehashed = (fact: object): Fact => ({ ...fact, hash: hashOfFact(fact as Fact) }) as Fact;
/** Hashes take time, and each run tries every place or member anew. */
const RUNS = { numRuns: 25 };
/** Several facts, one of them by its index. */
const someChain = fc
  .tuple(fc.array(someFact, { minLength: 2, maxLength: 4 }), fc.nat())
  .map(([facts, which]) => ({ facts: chainOf(facts), index: which % facts.length }));
/** As `someChain`, the one not the last: of the last nothing stands behind it that would tell. */
const someInner = someChain.map(({ facts, index }) => ({ facts, index: index % (facts.length - 1) }));

describe('the hash of a fact', () => {
  it('is taken over everything but the hash, by what others call SHA-256', () => {
    fc.assert(
      fc.property(someChain, fc.string(), ({ facts, index }, text) => {
        const fact = facts[index]!;
        const { hash, ...rest } = fact;
        expect(hash).toBe(createHash('sha256').update(canonicalJson(rest)).digest('hex'));
        expect(hashOfFact(rest)).toBe(hash);
        expect(hashOfFact({ ...fact, hash: text } as Fact)).toBe(hash);
      }),
      RUNS,
    );
  });

  it('is another once anything else is', () => {
    fc.assert(
      fc.property(someChain, ({ facts, index }) => {
        const fact = facts[index]!;
        for (const member of Object.keys(fact).filter((name) => name !== 'hash')) {
          expect(hashOfFact({ ...fact, [member]: 'else' } as unknown as Fact)).not.toBe(fact.hash);
          const { [member]: _, ...without } = fact as unknown as Record<string, unknown>;
          expect(hashOfFact(without as unknown as Fact)).not.toBe(fact.hash);
        }
      }),
      RUNS,
    );
  });

  it('never changes, since every register that there is was chained by it', () => {
    const fact = {
      v: 1,
      seq: 1,
      at: '2026-12-01T08:00:00Z',
      contractId: 'C-2026-0142',
      kind: 'failed',
      by: 'report-failure',
      data: { step: 'CreateRole', code: 'QUOTA', next: 'raise the quota – then post it again' },
      calls: [{ action: 'ram:CreateRole', requestId: '7' }],
      nonce: '0'.repeat(32),
      prevHash: '0'.repeat(64),
    };
    // By Python, of the same in JSON with sorted keys and no white space.
    const hash = '685a577409dd9a31e60227411bb675ebca52a2d971126ec7634f864e54d5d1a9';
    expect(hashOfFact(fact as unknown as Fact)).toBe(hash);
    expect(link([{ ...fact, hash }]).ok).toBe(true);
  });
});

describe('a chain that nobody touched', () => {
  it('holds, with all that was written', () => {
    fc.assert(
      fc.property(fc.array(someFact, { maxLength: 4 }), (written) => {
        const facts = chainOf(written);
        expect(link(facts)).toStrictEqual({ ok: true, facts });
      }),
      RUNS,
    );
  });

  it('begins after sixty-four zeros', () => {
    expect(chainOf([requested()])[0]).toMatchObject({ seq: 1, prevHash: '0'.repeat(64) });
  });

  it.each(KINDS)('may have facts of kind %s', (kind) => {
    fc.assert(
      fc.property(someFactOf(kind), (fact) => {
        expect(link(chainOf([fact])).ok).toBe(true);
      }),
      { numRuns: 3 },
    );
  });

  it('has facts of no other kind', () => {
    expect([...FACT_KINDS].sort()).toEqual([...KINDS].sort());
  });
});

describe('an entry of a chain', () => {
  it.each([[null], [undefined], [7], ['fact'], [true], [[]]])('that is %j is no fact', (entry) => {
    const facts = chainOf(ACTIVE);
    expect(link(facts.with(3, entry as unknown as Fact))).toEqual(broken(4, NO_FACT));
    expect(link([entry])).toEqual(broken(1, NO_FACT));
  });

  it.each<[string, object]>([
    ['version', { v: 2 }],
    ['kind', { kind: 'forgiven' }],
    ['kind, named as what every object has', { kind: 'constructor' }],
  ])('of an unknown %s was written by a newer version, whether or not its hash is right', (_, change) => {
    fc.assert(
      fc.property(someChain, ({ facts, index }) => {
        const newer = { ...facts[index]!, ...change };
        for (const entry of [newer, rehashed(newer)])
          expect(link(facts.with(index, entry as Fact))).toEqual(broken(index + 1, NEWER));
      }),
      RUNS,
    );
  });

  it('of which any one member was altered or taken out is named', () => {
    const said: Readonly<Record<string, string>> = {
      v: NEWER,
      kind: NEWER,
      seq: OUT_OF_PLACE,
      contractId: OUT_OF_PLACE,
    };
    fc.assert(
      fc.property(someChain, ({ facts, index }) => {
        const fact = facts[index]!;
        for (const member of Object.keys(fact)) {
          const { [member]: _, ...without } = fact as unknown as Record<string, unknown>;
          for (const altered of [without, { ...fact, [member]: 'else' }]) {
            const what = said[member] ?? NOT_ITS_HASH;
            expect(link(facts.with(index, altered as unknown as Fact))).toEqual(broken(index + 1, what));
          }
        }
      }),
      RUNS,
    );
  });

  it('that was altered deep inside is named', () => {
    const facts = chainOf(ACTIVE);
    const first = structuredClone(facts[0]!) as { data: { request: { grantee: { name: string } } } };
    first.data.request.grantee.name = 'Initech';
    expect(link(facts.with(0, first as unknown as Fact))).toEqual(broken(1, NOT_ITS_HASH));
  });

  it('to which something was added is named', () => {
    const facts = chainOf(ACTIVE);
    const more = { ...facts[2]!, note: 'x' };
    expect(link(facts.with(2, more))).toEqual(broken(3, NOT_ITS_HASH));
  });

  it('that was said to be of another kind is named', () => {
    const [first, ...others] = chainOf(ACTIVE);
    expect(link([{ ...first!, kind: 'ended' }, ...others])).toEqual(broken(1, NOT_ITS_HASH));
  });

  it('of another contract is out of place, also where its hash is right', () => {
    fc.assert(
      fc.property(someChain, ({ facts, index }) => {
        const other = rehashed({ ...facts[index]!, contractId: 'C-other' });
        expect(link(facts.with(index, other))).toEqual(broken(index + 1, OUT_OF_PLACE));
      }),
      RUNS,
    );
    expect(link(chainOf(ACTIVE, parseContractId('C-other')))).toEqual(broken(1, OUT_OF_PLACE));
  });

  it('that was written anew, its hash included, is found by the one after it', () => {
    fc.assert(
      fc.property(someInner, ({ facts, index }) => {
        const forged = rehashed({ ...facts[index]!, by: 'somebody' });
        expect(link(facts.with(index, forged))).toEqual(broken(index + 2, NOT_AFTER));
      }),
      RUNS,
    );
  });

  it('that was written after another than stands before it is named', () => {
    fc.assert(
      fc.property(someChain, ({ facts, index }) => {
        const moved = rehashed({ ...facts[index]!, prevHash: 'f'.repeat(64) });
        expect(link(facts.with(index, moved))).toEqual(broken(index + 1, NOT_AFTER));
      }),
      RUNS,
    );
  });
});

describe('a chain', () => {
  it('with an entry taken out breaks where the next moved up', () => {
    fc.assert(
      fc.property(someInner, ({ facts, index }) => {
        expect(link(facts.toSpliced(index, 1))).toEqual(broken(index + 1, OUT_OF_PLACE));
      }),
      RUNS,
    );
  });

  it('with an entry taken out breaks there also where all that follow are numbered and hashed anew', () => {
    fc.assert(
      fc.property(someInner, ({ facts, index }) => {
        const left = facts
          .toSpliced(index, 1)
          .map((fact, place) => (place < index ? fact : rehashed({ ...fact, seq: place + 1 })));
        expect(link(left)).toEqual(broken(index + 1, NOT_AFTER));
      }),
      RUNS,
    );
  });

  it('with its last entries missing holds as far as it goes: only an anchor tells', () => {
    fc.assert(
      fc.property(someChain, ({ facts, index }) => {
        expect(link(facts.slice(0, index))).toEqual({ ok: true, facts: facts.slice(0, index) });
      }),
      RUNS,
    );
  });

  it('with two entries exchanged breaks at the first of them', () => {
    fc.assert(
      fc.property(someInner, fc.nat(), ({ facts, index }, far) => {
        const other = index + 1 + (far % (facts.length - index - 1));
        const swapped = facts.with(index, facts[other]!).with(other, facts[index]!);
        expect(link(swapped)).toEqual(broken(index + 1, OUT_OF_PLACE));
      }),
      RUNS,
    );
  });

  it('with an entry that stands in it twice breaks at the first that is not where it was', () => {
    fc.assert(
      fc.property(someChain, fc.nat(), ({ facts, index }, where) => {
        const place = where % (facts.length + 1);
        // Put right before itself, a copy stands where the original did, and that is what has moved.
        const moved = place === index ? place + 2 : place + 1;
        expect(link(facts.toSpliced(place, 0, facts[index]!))).toEqual(broken(moved, OUT_OF_PLACE));
      }),
      RUNS,
    );
  });

  it('into which a fact was put, well numbered and hashed, breaks at what stood there', () => {
    fc.assert(
      fc.property(someChain, ({ facts, index }) => {
        const prevHash = facts[index]!.prevHash;
        const put = rehashed({ ...facts[index]!, by: 'somebody', seq: index + 1, prevHash });
        expect(link(facts.toSpliced(index, 0, put))).toEqual(broken(index + 2, OUT_OF_PLACE));
      }),
      RUNS,
    );
  });

  it('is told to break where it first does', () => {
    fc.assert(
      fc.property(someInner, ({ facts, index }) => {
        const first = { ...facts[index]!, by: 'somebody' };
        expect(link([...facts.slice(0, index), first, null])).toEqual(broken(index + 1, NOT_ITS_HASH));
      }),
      RUNS,
    );
  });
});
