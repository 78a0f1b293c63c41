import { expect, it } from 'vitest';
import { postEvent } from '../../../shared/cloud/alibaba/events.js';

const event = { id: 'e', source: 's', type: 't', subject: 'C-1', time: '2026-12-01T08:00:00Z', data: {} };
const answering = (reply: object) => ({ putEventsWithOptions: async () => reply }) as never;

it('an event that the bus did not take is no event that was sent, though the call was answered well', async () => {
  const refused = { failedEntryCount: 1, entryList: [{ errorCode: 'EventSourceNotAllowed' }] };
  await expect(postEvent(answering(refused), 'out', event)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('EventSourceNotAllowed'),
  });
  await expect(postEvent(answering({ failedEntryCount: 0 }), 'out', event)).resolves.toBeUndefined();
});

it.each([
  ['does not count them', { entryList: [{ errorCode: 'EventSourceNotAllowed' }] }],
  ['counts none', { failedEntryCount: 0, entryList: [{ errorCode: 'EventSourceNotAllowed' }] }],
])(
  'an event of which the answer says what was wrong with it was not sent, though it %s',
  async (_, refused) => {
    await expect(postEvent(answering(refused), 'out', event)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
);

it('an event of which the answer says that nothing was wrong was sent', async () => {
  const taken = { failedEntryCount: 0, entryList: [{ eventId: 'e', errorCode: null }] };
  await expect(postEvent(answering(taken), 'out', event)).resolves.toBeUndefined();
});
