/**
 * ActionTrail as far as EventBridge hears of it: writes to RAM and Resource Management, on the default bus. No trails, no API.
 * Sources: EventBridge "ActionTrail events", ActionTrail "Management event structure". That RAM's events are of type
 * `ram:ActionTrail:ApiCall` and source `acs.ram` follows from the form of the others; no page shows one.
 */
import type { CallInfo, Cloud } from './kernel.js';

const AUDITED: Readonly<Record<string, { readonly serviceName: string; readonly code: string }>> = {
  Ram: { serviceName: 'Ram', code: 'ram' },
  ResourceManager: { serviceName: 'ResourceManager', code: 'resourcemanager' },
};
const READS = /^(?:Get|List|Decode)/;
/** How long a change takes to be told of; the pages name minutes, and no promise. */
const DELAY_MS = 60_000;

type AuditEvent = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly source: string;
  readonly type: string;
};

/** Tells of every write that was applied, a while after it. Returns how to stop. */
export function tellOfChanges(cloud: Cloud, tell: (event: AuditEvent) => void): () => void {
  return cloud.faults.add({
    after: (call, { code }) => {
      const audited = AUDITED[call.product];
      if (audited === undefined || code !== undefined || READS.test(call.action)) return;
      const event = eventOf(call, audited, cloud.clock.now());
      cloud.clock.at(cloud.clock.now() + DELAY_MS, () => tell(event));
    },
  });
}

function eventOf(
  { action, params, callerArn = '', requestId, version }: CallInfo,
  { serviceName, code }: (typeof AUDITED)[string],
  now: number,
): AuditEvent {
  const eventTime = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    id: requestId,
    source: `acs.${code}`,
    specversion: '1.0',
    type: `${code}:ActionTrail:ApiCall`,
    subject: callerArn,
    time: eventTime,
    data: {
      eventId: requestId,
      eventVersion: 1,
      eventRW: 'Write',
      eventType: 'ApiCall',
      eventName: action,
      eventTime,
      serviceName,
      apiVersion: version,
      requestId,
      requestParameters: params,
      sourceIpAddress: '192.0.2.1',
      userAgent: 'embedded',
      userIdentity: identityOf(callerArn),
    },
  };
}

function identityOf(arn: string): object {
  const [, accountId = '', user, role, session] =
    /^acs:ram::(\d+):(?:user\/(.+)|assumed-role\/([^/]+)\/(.+)|root)$/.exec(arn) ?? [];
  if (user !== undefined) return { type: 'ram-user', accountId, userName: user };
  if (role !== undefined) return { type: 'assumed-role', accountId, userName: `${role}:${session ?? ''}` };
  return { type: 'root-account', accountId, userName: 'root' };
}
