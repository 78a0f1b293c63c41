import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BrokenPromiseError } from '../shared/domain/errors.js';
import { step, textOf } from '../shared/step.js';
import { ENV } from './support/env.js';

const context = {
  requestId: 'fc-1',
  function: { name: 'leasehold-cut-access' },
  credentials: { accessKeyId: 'STS.x', accessKeySecret: 'not-to-be-shown' },
};
const call = Buffer.from('{"execution":"run-1","input":{"contractId":"C-1","id":"evt-1"}}');

let lines: string[];
beforeEach(() => {
  lines = [];
  for (const [name, value] of Object.entries(ENV)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
const logged = () => lines.map((line) => JSON.parse(line));
const subject = {
  step: 'leasehold-cut-access',
  requestId: 'fc-1',
  execution: 'run-1',
  contractId: 'C-1',
  eventId: 'evt-1',
};

it('a step says in one line that it is done, about what, and how long it took', async () => {
  const handler = step(textOf, async (input) => JSON.parse(input).id);
  expect(await handler(call, context)).toBe('evt-1');
  expect(logged()).toMatchObject([{ ...subject, level: 30, msg: 'done', durationMs: expect.any(Number) }]);
});

it('a step that fails says why, and under which id the cloud knows the call that it refused', async () => {
  const refusal = Object.assign(new Error('no'), { data: { RequestId: 'cloud-7' } });
  const handler = step(textOf, async () => {
    throw new BrokenPromiseError('NOT_OURS', 'not ours', { cause: new Error('outer', { cause: refusal }) });
  });
  await expect(handler(call, context)).rejects.toMatchObject({ code: 'NOT_OURS' });
  expect(logged()).toMatchObject([
    {
      ...subject,
      level: 40,
      msg: 'failed',
      error: 'BrokenPromiseError NOT_OURS',
      cloudRequestId: 'cloud-7',
    },
  ]);
});

it('every line that a step writes is about the same, and says it once', async () => {
  const handler = step(textOf, async (_, { log }) => log.info({ contractId: 'C-1', made: 1 }, 'made'));
  await handler(call, context);
  expect(logged()[0]).toMatchObject({ ...subject, made: 1, msg: 'made' });
  expect(lines[0]?.match(/"contractId"/g)).toHaveLength(1);
  expect(lines.join()).not.toContain('not-to-be-shown');
});
