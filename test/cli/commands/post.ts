/** `leasehold post`. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventOf, request } from '../../support/requests.js';
import { folder, inFolder, leasehold } from './stage.js';

export function describePost(): void {
  describe('leasehold post', () => {
    const file = inFolder('slip.event.json');

    it('refuses a type that nothing is done about, and names those that there are', async () => {
      writeFileSync(
        file,
        JSON.stringify({
          id: 'x',
          source: 's',
          type: 'partner.contract.terminate',
          subject: 'K-yes',
          data: {},
        }),
      );
      const refused = await leasehold(['post', file]);
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('partner.contract.terminated') });
    });

    it('refuses what is too large for a flow to take, of which nobody would ever hear', async () => {
      const event = { id: 'x', source: 's', type: 'partner.onboarding.requested', subject: 'K-large' };
      writeFileSync(file, JSON.stringify({ ...event, data: { reason: 'x'.repeat(62_000) } }));
      const refused = await leasehold(['post', file]);
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('60 KB') });
    });

    it.each(['post', 'try'])(
      'prints nothing that a terminal obeys, whoever wrote the file (%s)',
      async (command) => {
        const turns = '\u001b]0;x\u0007\u009b31m\u202e\r';
        const event = eventOf(request(), { id: `turns-${command}`, subject: `K${turns}` });
        writeFileSync(file, JSON.stringify(event));
        const { code, out, err } = await leasehold([command, file]);
        // Posted it is; what comes of it is a refusal, which a trial waits for.
        expect({ code, out }).toMatchObject(
          command === 'post'
            ? { code: 0, out: expect.stringContaining('posted partner.onboarding.requested') }
            : {
                code: 1,
                out: expect.stringMatching(
                  /^ {2}FAIL the request .*NOT as it must be: 1 of 1 checks failed/ms,
                ),
              },
        );
        expect(out).toContain('\\u001b');
        expect(`${out}${err}`).not.toMatch(/[\p{Cf}\r]|(?!\n)\p{Cc}/u);
      },
    );

    it('sends nobody to look for a contract that can have none of that name', async () => {
      const event = eventOf(request(), { id: 'strange-name', subject: '合同-1' });
      writeFileSync(file, JSON.stringify(event));
      const { code, out } = await leasehold(['post', file]);
      expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('no contract id') });
      expect(out).not.toContain('leasehold show');
    });

    it.each([
      ['no data', { id: 'x', source: 's', type: 'partner.contract.terminated', subject: 'K-yes' }],
      [
        'a number for its id',
        { id: 1, source: 's', type: 'partner.contract.terminated', subject: 'K-yes', data: {} },
      ],
    ])('refuses an event with %s, which cannot travel', async (_, event) => {
      writeFileSync(file, JSON.stringify(event));
      const refused = await leasehold(['post', file]);
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('a CloudEvent needs') });
    });

    it('says why a file cannot be read', async () => {
      expect((await leasehold(['post', inFolder('none.json')])).err).toContain('there is none of that name');
      expect((await leasehold(['plan', folder])).err).toContain('it is a folder');
    });
  });
}
