/** Accounts and rules that bear our prefix, wherever contracts have or had some. */
import type { Ports } from '../../cloud/ports.js';
import { isRetriable, nameOfError } from '../../domain/errors.js';
import { secondsBetween } from '../../domain/values.js';
import { instanceText } from '../../services/index.js';
import { AT_ONCE, lookAtEach } from '../at-once.js';
import { type DoorPlace, readDoorClaims } from '../side-doors/claims.js';
import type { Suspect } from './strays.js';

const PREFIX = 'lh-';
/** After which place the next round goes on, where there are more than are looked at at once. */
const CURSOR_KEY = 'drift/doors-cursor';
/** Of a step that has two minutes, in which each name that was found is looked up as well. */
const MOST_SECONDS = 30;
const MOST_PLACES = 512;

type Looks = Pick<Ports, 'dataPlanes' | 'routes' | 'evidence' | 'index' | 'clock' | 'log'>;

/**
 * Each with its claim, where there is one: of as many places as the time reaches for; the next round goes on from there. `isWhole`:
 * false when not all were looked at, or one could not be read; `failure`: why not, where another look would not change that. Changes
 * nothing but where the next round goes on. May run twice.
 */
export async function listDoorSuspects(ports: Looks): Promise<{
  readonly suspects: readonly Suspect[];
  readonly isWhole: boolean;
  readonly failure?: unknown;
}> {
  const { keys, places } = await readDoorClaims(ports);
  const suspects = new Map<string, Suspect>();
  const { looks, isWhole } = await lookInTurn(places, ports);
  for (const { place, names } of looks)
    for (const name of names ?? []) {
      const claim = keys.get(name);
      const found = { kind: place.kind, name, on: placeText(place) };
      // A RAM user is seen from every instance of RabbitMQ, and told once.
      const isUser = place.kind === 'account' && place.instance.product === 'rabbitmq';
      const key = `${isUser ? 'RabbitMQ' : found.on} ${name}`;
      if (!suspects.has(key))
        suspects.set(key, {
          ...found,
          ...(isUser ? { isOnAll: true } : {}),
          ...(claim === undefined ? {} : { claim }),
        });
    }
  const failure = looks.map((one) => one.failure).find((one) => one !== undefined && !isRetriable(one));
  return { suspects: [...suspects.values()], isWhole, ...(failure === undefined ? {} : { failure }) };
}

interface PlaceLook {
  readonly place: DoorPlace;
  /** Absent when they could not be read. */
  readonly names?: readonly string[];
  /** Why they could not. */
  readonly failure?: unknown;
}

/** Round and round through all places, from where the last round stopped. */
async function lookInTurn(
  places: readonly DoorPlace[],
  ports: Looks,
): Promise<{ readonly looks: readonly PlaceLook[]; readonly isWhole: boolean }> {
  const { index, clock } = ports;
  const look = async (place: DoorPlace): Promise<PlaceLook> => ({ place, ...(await namesOn(place, ports)) });
  const areFew = places.length <= AT_ONCE;
  const cursor = areFew ? '' : ((await index.read(CURSOR_KEY)) ?? '');
  const turn = fromCursor(places, cursor).slice(0, MOST_PLACES);
  const begun = clock.now();
  const looks: PlaceLook[] = [];
  while (looks.length < turn.length && secondsBetween(begun, clock.now()) < MOST_SECONDS)
    looks.push(...(await lookAtEach(turn.slice(looks.length, looks.length + AT_ONCE), look)));
  const last = looks.at(-1);
  if (!areFew && last !== undefined) await index.put(CURSOR_KEY, placeText(last.place));
  const isWhole = looks.length === places.length && looks.every(({ names }) => names !== undefined);
  return { looks, isWhole };
}

/** In the order of their texts, those behind `cursor` first. */
function fromCursor(places: readonly DoorPlace[], cursor: string): readonly DoorPlace[] {
  const sorted = places
    .map((place) => [placeText(place), place] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const behind = sorted.filter(([text]) => text > cursor);
  return [...behind, ...sorted.filter(([text]) => text <= cursor)].map(([, place]) => place);
}

async function namesOn(
  place: DoorPlace,
  { dataPlanes, routes, log }: Looks,
): Promise<Omit<PlaceLook, 'place'>> {
  try {
    const names =
      place.kind === 'account'
        ? await dataPlanes.listAccounts(place.instance, PREFIX)
        : await routes.listRules(place.bus, PREFIX);
    return { names: names ?? [] }; // gone, and all that was on it
  } catch (error) {
    log.warn({ place: placeText(place), error: nameOfError(error) }, 'strays could not be looked for');
    return { failure: error };
  }
}

const placeText = (place: DoorPlace): string =>
  place.kind === 'account' ? instanceText(place.instance) : `bus ${place.bus.eventBus} (${place.bus.region})`;
