/** What no command starts anything for. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventOf, PARTNER, request } from '../../support/requests.js';
import { inFolder, leasehold } from './stage.js';

export function describeNoUse(): void {
  describe('what is no use', () => {
    it.each([
      ['up', '--port', 'abc', 'a port is a number from 0 to 65535'],
      ['up', '--port', '65536', 'a port is a number from 0 to 65535'],
      ['try', '--at', 'tomorrow', 'is not an instant'],
      ['up', '--events', 'package.json', 'no event can be kept in package.json'],
      ['doctor', '--grantee', PARTNER, 'without it nothing is'],
      ['doctor', '--grant', '{}', 'without it nothing is'],
      ['reconcile', '--region', 'nowhere', '"nowhere" is no region'],
      ['post', inFolder('whole.json'), '--account=12', '"12" is no account id of 16 digits'],
      ['invoke', 'find-due-work', '--endpoint=http://127.0.0.1:1', 'is no host:port'],
      ['plan', 'test/support/events/terminate.json', '', 'has no plan'],
      ['try', 'test/support/events/terminate.json', '', 'a trial begins with a partner.onboarding.requested'],
      ['try', inFolder('null.json'), '', 'a CloudEvent needs id, source, type and subject'],
    ])('is told before anything starts: %s %s %s', async (command, first, second, words) => {
      writeFileSync(inFolder('null.json'), 'null');
      writeFileSync(inFolder('whole.json'), JSON.stringify(eventOf(request())));
      const refused = await leasehold([command, first, second].filter((word) => word !== ''));
      expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) });
      expect(refused.err).not.toContain('    at ');
    });
  });
}
