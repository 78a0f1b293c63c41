import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gistOf } from '../../shared/app/evidence/gist.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import { printAmendment, printPlan } from '../../shared/app/plan/print-plan.js';
import { printable, printableJson } from '../../shared/app/printable.js';
import { chainOf } from '../support/chains.js';
import { managedGrantee } from '../support/managed.js';
import { OWNER, request } from '../support/requests.js';

/** What a terminal may take for an order to it, or a person for other text than it is. */
const HARMFUL = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 });
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  units.map((codes) => String.fromCharCode(...codes)),
);

describe('text of others, made printable', () => {
  it.each([
    ['\u001b[2J', '\\u001b[2J'],
    ['a\nb\r', 'a\\u000ab\\u000d'],
    ['\u009b2J', '\\u009b2J'],
    ['xebolG\u202e', 'xebolG\\u202e'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['Müller & Söhne 株式会社', 'Müller & Söhne 株式会社'],
  ])('%j is %j', (text, shown) => expect(printable(text)).toBe(shown));

  it('is one line that moves nothing', () => {
    fc.assert(fc.property(anyText, (text) => !HARMFUL.test(printable(text))));
  });
  it('is the same text still where it is JSON', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = printableJson({ text: [text] });
        expect(JSON.parse(json)).toEqual({ text: [text] });
        expect(json.split('\n').some((line) => HARMFUL.test(line))).toBe(false);
      }),
    );
  });
});

describe('what an approver is shown', () => {
  const value = 'x\u001b[2J\u001b[H\nRole       lease-harmless\r\n\u001b[8m';
  // As a register may have it that was written before such tags were refused.
  const users = [{ logonName: 'etl', access: 'programmatic', tags: { [value]: value } }] as const;
  const plan = planAccess(request({ grantee: managedGrantee({ users: [...users] }) }), OWNER);
  it.each([
    ['a plan', printPlan(plan)],
    ['an amendment', printAmendment(plan, { widens: [value], narrows: [value] })],
  ])('of %s has no line that somebody else has written, and hides none', (_, text) => {
    const lines = text.split('\n');
    expect(lines.filter((line) => HARMFUL.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('Role '))).toHaveLength(1);
  });
});

describe('a fact on one line', () => {
  it('is one, whatever reason somebody gave for an end', () => {
    const detail = 'over\u001b[2J\u001b[H\nS-show: active';
    const [fact] = chainOf([{ kind: 'ending', data: { reason: 'terminated', detail } }]);
    expect(gistOf(fact!)).toBe('terminated: over\\u001b[2J\\u001b[H\\u000aS-show: active');
  });
});
