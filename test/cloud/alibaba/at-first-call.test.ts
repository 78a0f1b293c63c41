import { describe, expect, it } from 'vitest';
import { atFirstCall } from '../../../shared/cloud/alibaba/at-first-call.js';

function counted() {
  const loads: string[] = [];
  const port = atFirstCall(async () => {
    loads.push('load');
    return {
      double: async (value: number) => value * 2,
      fail: async (): Promise<never> => {
        throw new RangeError('refused');
      },
    };
  });
  return { loads, port };
}

describe('a port whose adapter is loaded at its first call', () => {
  it('loads nothing before', async () => {
    const { loads, port } = counted();
    // Awaiting the port itself is no call either.
    await port;
    expect(loads).toEqual([]);
  });

  it('loads once, also for calls at the same time', async () => {
    const { loads, port } = counted();
    expect(await Promise.all([port.double(1), port.double(2)])).toEqual([2, 4]);
    expect(await port.double(3)).toBe(6);
    expect(loads).toEqual(['load']);
  });

  it('passes on what the adapter rejects with', async () => {
    await expect(counted().port.fail()).rejects.toThrow(RangeError);
  });

  it('rejects when the adapter cannot be loaded', async () => {
    const port = atFirstCall<{ call(): Promise<void> }>(() => Promise.reject(new SyntaxError('torn')));
    await expect(port.call()).rejects.toThrow(SyntaxError);
  });
});
