/** EventBridge: PutEvents to the one bus, by the official SDK. */
import type { EventbridgeGrant } from '../../../domain/grant.js';
import type { HandOver } from '../hand-over.js';
import { type Client, literal } from './snippet.js';

export const eventbridgeClients = (
  grant: EventbridgeGrant,
  { ownerAccountId, granteeAccountId }: HandOver,
): readonly Client[] =>
  grant.access !== 'publish'
    ? []
    : [
        {
          name: ['eventbridge', grant.eventBus],
          besides: [grant.region],
          extension: 'mjs',
          language: 'js',
          about: 'EventBridge from Node.js. The host begins with the account of the owner, whose bus it is.',
          text: () => `// npm install @alicloud/eventbridge, and session.mjs beside this
import { randomUUID } from 'node:crypto';
import eventBridge from '@alicloud/eventbridge';
import { enter } from './session.mjs';

/** Resolves when the bus has taken the event. A client lives as long as its session, so each call makes one. */
export async function putEvent(type, data) {
  const { accessKeyId, accessKeySecret, securityToken } = await enter();
  const client = new eventBridge.default(
    new eventBridge.Config({
      accessKeyId,
      accessKeySecret,
      securityToken,
      endpoint: ${literal(`${ownerAccountId}.eventbridge.${grant.region}.aliyuncs.com`)},
      regionId: ${literal(grant.region)},
      protocol: 'https', // the SDK's own default is not encrypted
    }),
  );
  const reply = await client.putEvents([
    new eventBridge.CloudEvent({
      id: randomUUID(),
      source: ${literal(`partner.${granteeAccountId}`)},
      type,
      time: new Date().toISOString(),
      specversion: '1.0',
      datacontenttype: 'application/json; charset=utf-8',
      data: Buffer.from(JSON.stringify(data)),
      extensions: { aliyuneventbusname: ${literal(grant.eventBus)} },
    }),
  ]);
  // A call can succeed of which an event failed.
  if (reply.failedEntryCount > 0) throw new Error(\`not taken: \${JSON.stringify(reply.entryList)}\`);
  return reply.entryList[0].eventId;
}

if (process.argv[2]) console.log(await putEvent(process.argv[2], {}));
`,
        },
      ];
