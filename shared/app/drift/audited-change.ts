/**
 * A change that the cloud's audit trail tells of. Sources: EventBridge "ActionTrail events" (types `<service>:ActionTrail:ApiCall`
 * and `…:ConsoleOperation`, writes only, on the default bus), ActionTrail "Management event structure". Pure.
 */
import type { RoleName } from '../../domain/values.js';
import { objectOf } from '../inbound/step-input.js';

export interface AuditedChange {
  /** Roles of ours by their names' form, whether or not a contract claims them. */
  readonly roleNames: readonly RoleName[];
  /** Who did what, when and from where, for a person to read. */
  readonly who: string;
  /** One of Leasehold's own functions did it. */
  readonly isOwn: boolean;
}

type Json = Readonly<Record<string, unknown>>;

const TYPE = /:ActionTrail:(?:ApiCall|ConsoleOperation)$/;
/** As `roleNameOf` makes them, also at the beginning of a policy's name; RAM compares without regard to case. */
const ROLE_NAME = /\blease-[a-z0-9-]*-[0-9a-f]{16}(?![0-9a-f])/g;
const MOST_NAMES = 20;
const MOST_CHARACTERS = 128;

/** `undefined` for an event of another kind. `prefix`: what names of our own function roles begin with. */
export function auditedChangeOf(event: Json, prefix: string): AuditedChange | undefined {
  if (!TYPE.test(String(event['type'] ?? ''))) return undefined;
  const record = objectOf(event['data']) ?? {};
  const identity = objectOf(record['userIdentity']) ?? {};
  const names = JSON.stringify([record['requestParameters'] ?? null, record['referencedResources'] ?? null])
    .toLowerCase()
    .match(ROLE_NAME);
  const userName = plain(identity['userName']);
  return {
    roleNames: [...new Set(names ?? [])].slice(0, MOST_NAMES) as RoleName[],
    who: whoOf(record, identity, String(event['type'])),
    isOwn: plain(identity['type']) === 'assumed-role' && userName.startsWith(`${prefix}-fn-`),
  };
}

function whoOf(record: Json, identity: Json, type: string): string {
  const isConsole = type.endsWith(':ConsoleOperation') || /console/i.test(String(record['userAgent'] ?? ''));
  return [
    `${plain(identity['userName']) || 'somebody'} (${plain(identity['type']) || 'of unknown kind'}`,
    `${identity['accountId'] === undefined ? '' : ` of account ${plain(identity['accountId'])}`})`,
    ` ${isConsole ? 'through the console' : 'by a call'}`,
    `: ${plain(record['eventName'])} at ${plain(record['eventTime'])}`,
    ` from ${plain(record['sourceIpAddress'])}, audit event ${plain(record['eventId'])}`,
  ].join('');
}

/** Somebody else's text, on one line and not too long. */
const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value).replace(/\p{C}/gu, '?').slice(0, MOST_CHARACTERS)
    : '';
