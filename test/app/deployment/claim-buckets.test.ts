import { describe, expect, it } from 'vitest';
import { claimBuckets } from '../../../shared/app/deployment/claim-buckets.js';

/** Two buckets, as far as claims look. */
function buckets() {
  const [evidence, index] = [new Map<string, string>(), new Map<string, string>()];
  const ports = {
    evidence: {
      create: async (key: string, body: string) => {
        if (evidence.has(key)) return 'exists';
        evidence.set(key, body);
        return 'created';
      },
      read: async (key: string) => evidence.get(key),
    },
    index: {
      put: async (key: string, body: string) => void index.set(key, body),
      read: async (key: string) => index.get(key),
    },
  } as unknown as Parameters<typeof claimBuckets>[1];
  return { ports, evidence, index };
}
const stage = { prefix: 'one', evidenceBucket: 'evidence', indexBucket: 'index' };

describe('the buckets of a stage', () => {
  it('are claimed once, both, and taken again by the same stage', async () => {
    const { ports, evidence, index } = buckets();
    await claimBuckets(stage, ports);
    await expect(claimBuckets(stage, ports)).resolves.toBeUndefined();
    expect([...evidence.keys(), ...index.keys()]).toEqual(['stage.json', 'stage.json']);
  });

  it.each([
    ['a stage of another prefix', { ...stage, prefix: 'two' }, /bucket evidence is of another stage/],
    [
      'a stage with another register',
      { ...stage, evidenceBucket: 'other' },
      /bucket index is of another stage/,
    ],
  ])('are refused to %s', async (_, other, words) => {
    const { ports, evidence } = buckets();
    await claimBuckets(stage, ports);
    if (other.evidenceBucket !== stage.evidenceBucket) evidence.clear();
    await expect(claimBuckets(other, ports)).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringMatching(words),
    });
  });

  it('may come to have another index, which is made anew from the register', async () => {
    const { ports, index } = buckets();
    await claimBuckets(stage, ports);
    index.clear();
    await expect(claimBuckets({ ...stage, indexBucket: 'new' }, ports)).resolves.toBeUndefined();
  });

  it('are refused where what says whose they are cannot be read as that', async () => {
    const { ports, index } = buckets();
    index.set('stage.json', 'x');
    await expect(claimBuckets(stage, ports)).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  });
});
