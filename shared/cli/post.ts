/** `leasehold post <event.json>`: posts an event to the inbound bus. */
import { Command } from 'commander';
import { INBOUND_TYPES, isTooLarge, TOO_LARGE } from '../app/inbound/parse-event.js';
import { contractIdIn } from '../app/inbound/step-input.js';
import { printable } from '../app/printable.js';
import type { Connection } from '../cloud/alibaba/connection.js';
import type { EventToPost } from '../cloud/alibaba/events.js';
import { type ConnectOptions, connectionFrom, withConnectOptions } from './connect.js';
import { readTextFile } from './read-file.js';

export function postCommand(): Command {
  return withConnectOptions(new Command('post'))
    .description('post an event to the inbound bus of an embedded or a real Leasehold')
    .argument('<event.json>', 'a CloudEvent such as those in test/support/events')
    .option('--bus <name>', 'inbound bus', process.env['LEASEHOLD_PREFIX'] || 'leasehold')
    .action(async (file: string, options: ConnectOptions & { readonly bus: string }) => {
      const event = readEventFile(file);
      await post(event, options.bus, connectionFrom(options));
      // Whoever wrote the file may be a stranger.
      console.log(
        printable(
          `posted ${event.type} ${event.id} for ${event.subject} to bus ${options.bus}; ${whereItIsTold(event)}`,
        ),
      );
    });
}

/** No contract can be shown by what is no id of one; such an event is answered on the outbound bus, and there alone. */
const whereItIsTold = ({ subject }: EventToPost): string =>
  contractIdIn(subject) === undefined
    ? 'its subject is no contract id, so it will be refused, by partner.access.rejected alone'
    : `"leasehold show ${subject}" tells what becomes of it`;

/**
 * The event in `file`; only what travelling needs is checked here, the rest is Leasehold's to judge. EventBridge takes more than a flow
 * does, whose input has at most 64 KiB (CloudFlow "Limits"), and of what is larger nobody would hear.
 */
export function readEventFile(file: string): EventToPost {
  const event = parseFile(file);
  const { id, source, type, subject, time, data } = event;
  const isText = (one: unknown): one is string => typeof one === 'string';
  if (!isText(id) || !isText(source) || !isText(type) || !isText(subject) || data === undefined)
    throw new Error(`${file}: a CloudEvent needs id, source, type and subject, each a text, and data`);
  if (!INBOUND_TYPES.some((one) => one === type))
    throw new Error(
      `${file}: nothing is done about events of type ${type}; there are ${INBOUND_TYPES.join(', ')}`,
    );
  if (isTooLarge(JSON.stringify(event))) throw new Error(`${file}: ${TOO_LARGE.message}`);
  return { id, source, type, subject, time: time ?? new Date().toISOString(), data };
}

function parseFile(file: string): Partial<EventToPost> {
  const text = readTextFile(file);
  try {
    // `null` has no members to look for.
    return (JSON.parse(text) ?? {}) as Partial<EventToPost>;
  } catch (error) {
    throw new Error(`${file} is not JSON`, { cause: error });
  }
}

export async function post(event: EventToPost, bus: string, connection: Connection): Promise<void> {
  const { eventBridgeClient, postEvent } = await import('../cloud/alibaba/events.js');
  await postEvent(eventBridgeClient(connection), bus, event);
}
