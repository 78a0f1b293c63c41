import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseAnchor,
  readEvidence,
  verifyEvidence,
  writeEvidence,
} from '../../../shared/app/evidence/file.js';
import { hashOfFact } from '../../../shared/domain/chain.js';
import type { Fact } from '../../../shared/domain/fact.js';
import { parseContractId } from '../../../shared/domain/values.js';
import { CONTRACT, chainOf, type Written } from '../../support/chains.js';

/** Any text there is: control characters, quotes and other scripts included. */
const someFact = fc.oneof(
  fc.record({ days: fc.nat(), expiresAt: fc.string({ unit: 'grapheme' }) }).map((data) => ({
    kind: 'warned',
    data,
  })),
  fc
    .record({ step: fc.string({ unit: 'binary' }), code: fc.string(), next: fc.string() })
    .map((data) => ({ kind: 'failed', data })),
  fc
    .record({ timeToDenySeconds: fc.double({ noNaN: true, min: 0, max: 1e6 }), witness: fc.string() })
    .map((data) => ({
      kind: 'cut',
      data: { ...data, unseen: [] },
      calls: [{ action: 'ram:X', requestId: '1' }],
    })),
) as fc.Arbitrary<Written>;
const someChain = fc.array(someFact, { minLength: 1, maxLength: 6 }).map((facts) => chainOf(facts));
const textsOf = (facts: readonly unknown[]) => facts.map((fact) => JSON.stringify(fact));
const verify = (facts: readonly unknown[], anchor?: string) =>
  verifyEvidence(
    readEvidence(writeEvidence(CONTRACT, textsOf(facts))),
    anchor === undefined ? undefined : parseAnchor(anchor),
  );
const brokenAt = (facts: readonly unknown[]) => {
  const seen = verify(facts);
  return seen.verdict === 'broken' ? seen.break.seq : seen.verdict;
};
const warned = (days: number): Written =>
  ({ kind: 'warned', data: { days, expiresAt: '2027-06-01T00:00:00Z' } }) as Written;
const three = () => [...chainOf([warned(30), warned(7), warned(1)])];
const rehashed = (fact: Fact): Fact => ({ ...fact, hash: hashOfFact(fact) });

describe('evidence that nobody touched', () => {
  it('is whole, and holds each entry as it was written', () => {
    fc.assert(
      fc.property(someChain, (facts) => {
        const text = writeEvidence(CONTRACT, textsOf(facts));
        expect(verifyEvidence(readEvidence(text)).verdict).toBe('whole');
        for (const entry of textsOf(facts)) expect(text).toContain(`\n${entry}`);
      }),
    );
  });

  it('may be laid out otherwise', () => {
    const text = writeEvidence(CONTRACT, textsOf(three()));
    const pretty = JSON.stringify(JSON.parse(text), null, 2);
    expect(verifyEvidence(readEvidence(pretty)).verdict).toBe('whole');
  });
});

describe('any single byte of an entry changed', () => {
  it('is found, and that entry is named', () => {
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(someChain, fc.nat(), change, (facts, which, { at, to }) => {
        const entries = textsOf(facts);
        const index = which % entries.length;
        const file = new TextEncoder().encode(writeEvidence(CONTRACT, entries));
        const before = new TextEncoder().encode(
          writeEvidence(CONTRACT, entries.slice(0, index)).replace(/\n*\]\}\n$/, ''),
        ).length;
        const start = before + (index === 0 ? 1 : 2);
        const length = new TextEncoder().encode(entries[index]).length;
        const offset = start + (at % length);
        fc.pre(file[offset] !== to);
        file[offset] = to;
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(file);
        const seen = verifyEvidence(readEvidence(text));
        if (seen.verdict === 'broken') expect(seen.break.seq).toBe(index + 1);
        // The one change that is none: an escaped character with its hexadecimal digits in the other case.
        else expect(JSON.parse(text).facts[index]).toEqual(JSON.parse(entries[index]!));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('evidence', () => {
  it('with a fact taken out names the one that moved up', () => {
    const [first, , third] = three();
    expect(brokenAt([first, third])).toBe(2);
  });

  it('with two facts exchanged names the first of them', () => {
    const [first, second, third] = three();
    expect(brokenAt([first, third, second])).toBe(2);
  });

  it('with its first facts missing names the first that is left', () => {
    expect(brokenAt(three().slice(1))).toBe(1);
  });

  it('with a fact written anew, its hash included, names the one after', () => {
    const [first, second, third] = three();
    const forged = rehashed({ ...second!, at: first!.at });
    expect(brokenAt([first, forged, third])).toBe(3);
  });

  it('of another contract is no evidence of this one', () => {
    expect(brokenAt(chainOf([warned(1)], parseContractId('C-other')))).toBe(1);
  });

  it('that holds no facts proves nothing', () => {
    expect(verify([])).toMatchObject({ verdict: 'broken', break: { seq: 1 } });
  });

  it('of a kind that is not known here is not taken for whole', () => {
    const [fact] = three();
    expect(brokenAt([rehashed({ ...fact!, kind: 'forgiven' } as unknown as Fact)])).toBe(1);
  });

  it.each(['null', '[]', '7', '"fact"'])('with %s for a fact names it', (text) => {
    const file = readEvidence(writeEvidence(CONTRACT, [text]));
    expect(verifyEvidence(file)).toMatchObject({ verdict: 'broken', break: { seq: 1 } });
  });

  it('keeps an entry that is no JSON, and names it', () => {
    const texts = textsOf(three());
    const file = readEvidence(writeEvidence(CONTRACT, [texts[0]!, '<html>', texts[2]!]));
    expect(verifyEvidence(file)).toMatchObject({ verdict: 'broken', break: { seq: 2 } });
  });

  it('with anything written after its end is not whole', () => {
    const text = writeEvidence(CONTRACT, textsOf(three()));
    const [first] = textsOf(three());
    for (const more of [first, 'x', '{"v":1,"contractId":"C-2","facts":[']) {
      const seen = verifyEvidence(readEvidence(`${text}${more}\n`));
      expect(seen).toMatchObject({ verdict: 'broken', break: { seq: 4 } });
    }
  });

  it.each([
    '',
    '{}',
    '[1]',
    'x',
    '{"v":2,"contractId":"C-1","facts":[]}',
    '{"v":1,"contractId":"../x","facts":[]}',
  ])('is not what %j holds', (text) => {
    expect(() => readEvidence(text)).toThrow();
  });
});

describe('an anchor', () => {
  it('that the chain holds makes it anchored, also where facts came after', () => {
    const facts = three();
    const anchor = { seq: 2, hash: facts[1]!.hash };
    expect(verify(facts, `2:${anchor.hash}`)).toMatchObject({ verdict: 'whole', facts: 3, anchor });
    expect(verify(facts)).toMatchObject({ verdict: 'whole', anchor: undefined });
  });

  it('shows a chain that was written anew as a whole', () => {
    const told = three()[2]!.hash;
    const forged = chainOf([warned(30), warned(7), warned(2)]);
    expect(verify(forged, `3:${told}`)).toMatchObject({ verdict: 'off-anchor' });
  });

  it('shows that the last facts are missing', () => {
    expect(verify(three().slice(0, 2), `3:${three()[2]!.hash}`)).toMatchObject({ verdict: 'off-anchor' });
  });

  it.each(['', '3', 'x:y', `0:${'0'.repeat(64)}`, `3:${'0'.repeat(63)}`, `3:${'G'.repeat(64)}`])(
    'is not %j',
    (text) => {
      expect(() => parseAnchor(text)).toThrow(expect.objectContaining({ code: 'BAD_EVIDENCE' }));
    },
  );
});
