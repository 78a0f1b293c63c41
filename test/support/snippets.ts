/** Files of hand-overs, as a partner would save them. */
import { snippetsOf } from '../../shared/app/hand-over/snippets/index.js';
import type { Snippet } from '../../shared/app/hand-over/snippets/snippet.js';
import { everyGrant, handOverFor, rabbitmqGrant } from './hand-overs.js';
import { type LeaseWorld, startLeaseWorld } from './lease-world.js';
import { type kafkaGrant, request } from './requests.js';

/** A grant of every kind, for a person at the console and a user by API; of RabbitMQ one with calls that take no POST besides. */
export const contract = request({
  grants: [...everyGrant, { ...rabbitmqGrant, access: 'read' }],
  grantee: {
    ...request().grantee,
    accessors: [
      { type: 'user', name: 'alice', via: 'console' },
      { type: 'user', name: 'etl', via: 'api' },
    ],
  },
});
export const handOver = handOverFor(contract);

export const every = (one = handOver): readonly Snippet[] => Object.values(snippetsOf(one)).flat();
export const named = (file: string, one = handOver): Snippet => {
  const found = every(one).find((snippet) => snippet.file === file);
  if (found === undefined) throw new Error(`no ${file} among ${every(one).map((snippet) => snippet.file)}`);
  return found;
};

/** Where a partner has saved them. */
export async function startWithFiles(): Promise<LeaseWorld> {
  const world = await startLeaseWorld();
  for (const { file, text } of every()) world.write(file, text);
  return world;
}

/** Events of the owner go to a bus of the partner. */
export const subscribing = {
  service: 'eventbridge',
  access: 'subscribe',
  region: 'cn-hangzhou',
  eventBus: 'orders',
  target: { type: 'bus', eventBus: 'inbox', roleName: 'let-in', endsByController: true },
} as typeof kafkaGrant;
export const routed = handOverFor({ grants: [subscribing] });
