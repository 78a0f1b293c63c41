/** Accounts and rules that bear our prefix, wherever contracts have or had some. */
import type { Ports } from '../../cloud/ports.js';
import { nameOfError } from '../../domain/errors.js';
import { instanceText } from '../../services/index.js';
import { type DoorPlace, readDoorClaims } from '../side-doors/claims.js';
import type { Suspect } from './strays.js';

const PREFIX = 'lh-';

type Looks = Pick<Ports, 'dataPlanes' | 'routes' | 'evidence' | 'log'>;

/** Each with its claim, where there is one. `isWhole`: false when a place could not be read, which the next round looks at again. Reads only. */
export async function listDoorSuspects(
  ports: Looks,
): Promise<{ readonly suspects: readonly Suspect[]; readonly isWhole: boolean }> {
  const { keys, places } = await readDoorClaims(ports);
  const suspects = new Map<string, Suspect>();
  let isWhole = true;
  for (const place of places) {
    const names = await namesOn(place, ports);
    isWhole &&= names !== undefined;
    for (const name of names ?? []) {
      const claim = keys.get(name);
      const found = { kind: place.kind, name, on: placeText(place) };
      // A RAM user is seen from every instance of RabbitMQ, and told once.
      const isUser = place.kind === 'account' && place.instance.product === 'rabbitmq';
      const key = `${isUser ? 'RabbitMQ' : found.on} ${name}`;
      if (!suspects.has(key)) suspects.set(key, { ...found, ...(claim === undefined ? {} : { claim }) });
    }
  }
  return { suspects: [...suspects.values()], isWhole };
}

/** `undefined` when they cannot be read. */
async function namesOn(
  place: DoorPlace,
  { dataPlanes, routes, log }: Looks,
): Promise<readonly string[] | undefined> {
  try {
    const names =
      place.kind === 'account'
        ? await dataPlanes.listAccounts(place.instance, PREFIX)
        : await routes.listRules(place.bus, PREFIX);
    return names ?? []; // gone, and all that was on it
  } catch (error) {
    log.warn({ place: placeText(place), error: nameOfError(error) }, 'strays could not be looked for');
    return undefined;
  }
}

const placeText = (place: DoorPlace): string =>
  place.kind === 'account' ? instanceText(place.instance) : `bus ${place.bus.eventBus} (${place.bus.region})`;
