/** The JSON of the README, as whoever copies it would send it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAnyEvent } from '../../shared/app/inbound/every-event.js';
import { admissionReasons } from '../../shared/app/plan/admission.js';
import { DEFAULT_ADMISSION } from '../../shared/domain/admission-settings.js';
import { makeKeyPair } from '../support/key-pairs.js';
import { eventOf, NOW, OWNER, request } from '../support/requests.js';

/** A whole event, members of a grantee, or grants one after the other. */
const examples = (readFileSync('README.md', 'utf8').match(/(?:^ {4}.*\n)+/gm) ?? []).filter((block) =>
  /^ {4}["{]/.test(block),
);

const facts = { now: NOW, owner: OWNER, settings: DEFAULT_ADMISSION };
const { publicKey } = makeKeyPair('x25519');

/** With what the README leaves out as `…`. */
const whole = (block: string): string =>
  block
    .trim()
    .replaceAll('"instanceId": "…"', '"instanceId": "alikafka_pre-cn-x1"')
    .replaceAll('"x": "…"', `"x": "${publicKey.x}"`);

function requestWith(block: string): object {
  const text = whole(block);
  if (!text.startsWith('{'))
    return request({ grantee: { ...request().grantee, ...JSON.parse(`{${text}}`) } });
  const grants: readonly object[] = JSON.parse(`[${text.replaceAll(/\}\n {4}\{/g, '},{')}]`);
  const grantee = { ...request().grantee, publicKey };
  return { ...request({ grantee }), grants };
}

const eventIn = (block: string): object =>
  block.trim().startsWith('{"id"') ? JSON.parse(block) : eventOf(requestWith(block));

function reasonsAgainst(block: string): readonly unknown[] {
  const parsed = parseAnyEvent(JSON.stringify(eventIn(block)));
  if (!parsed.ok) return parsed.reasons;
  if (parsed.event.type !== 'partner.onboarding.requested') throw new Error(parsed.event.type);
  return admissionReasons(parsed.event.data, facts);
}

describe('the README', () => {
  it('has examples of an event, of grants, and of a setup at the partner', () => {
    expect(examples.some((block) => block.includes('"type": "partner.onboarding.requested"'))).toBe(true);
    expect(examples.some((block) => block.includes('"service"'))).toBe(true);
    expect(examples.some((block) => block.includes('"setup"'))).toBe(true);
  });
  it.each(examples.map((block) => [whole(block).slice(0, 40), block] as const))(
    'has no example that would be refused: %s …',
    (_begin, block) => expect(reasonsAgainst(block)).toEqual([]),
  );
});
