import { describe, expect, it } from 'vitest';
import { deployedAround } from '../../../../shared/cloud/alibaba/deployed/around.js';

describe('a look at a port that fetch does not call', () => {
  it('fails like any other, so that it is told and not thrown', async () => {
    const around = await deployedAround({
      region: 'cn-hangzhou',
      owner: '1000000000000001',
      credentials: { accessKeyId: 'id', accessKeySecret: 'secret' },
      endpoint: '127.0.0.1:1',
      timeoutMilliseconds: 10_000,
    });
    expect(around).toEqual({
      caller: { unseen: 'failed', code: 'ECONNREFUSED' },
      clockAheadSeconds: { unseen: 'failed', code: 'UNAVAILABLE' },
    });
  });
});
