/** The seventh promise: no key, password or token is at rest anywhere. What of them was about in a run is looked for in all it left. */
import { OWNER } from '../../support/requests.js';
import { secretsTold } from './beside.js';
import type { Stage } from './stage.js';

const FLOWS = ['onboarding', 'revocation', 'expiry', 'amendment', 'reconciliation'];
/** Secrets of keys and sessions, and their tokens, in whatever they stand. */
const LONG_WORD = /[A-Za-z0-9]{20,}/g;

export interface SecretWatch {
  /** Where there is one, and how it begins; none when all is well. */
  found(ids: readonly string[]): Promise<readonly string[]>;
  stop(): void;
}

/** From now on whatever signs is kept in mind. */
export function watchSecrets(stage: Stage): SecretWatch {
  const { world } = stage;
  const { cloud, outbox, lines } = world;
  const seen = new Set<string>();
  const identity = cloud.cloud.identity as { authenticate: typeof cloud.cloud.identity.authenticate };
  const { authenticate } = identity;
  identity.authenticate = (accessKeyId, token) => {
    const known = authenticate(accessKeyId, token);
    seen.add(known.secret);
    if (token !== undefined) seen.add(token);
    return known;
  };
  const from = { line: lines.length, event: outbox.heard.length, at: world.clock.now() };
  const texts = (): readonly string[] => [
    ...lines.slice(from.line),
    ...outbox.heard.slice(from.event).map((event) => JSON.stringify(event)),
    ...FLOWS.flatMap((flow) => cloud.flows.executionsOf(OWNER, `leasehold-${flow}`))
      .filter(({ startedAt }) => startedAt >= from.at)
      .flatMap(({ input, output, history }) => [
        input,
        output,
        ...history.map(({ EventDetail }) => EventDetail),
      ]),
    ...[cloud.config.evidenceBucket, cloud.config.indexBucket].flatMap((bucket) =>
      world.objectKeys(bucket, '').map((key) => cloud.objectsOf(bucket).get(key)?.body.toString() ?? ''),
    ),
  ];
  return {
    found: async (ids) => {
      const told = (await Promise.all(ids.map((id) => secretsTold(stage, id)))).flat();
      return texts().flatMap((text) => {
        const words = text.match(LONG_WORD) ?? [];
        const found = words.find((word) => seen.has(word)) ?? told.find((one) => text.includes(one));
        return found === undefined ? [] : [`7 a secret stands in ${text.slice(0, 300)}`];
      });
    },
    stop: () => {
      identity.authenticate = authenticate;
    },
  };
}
