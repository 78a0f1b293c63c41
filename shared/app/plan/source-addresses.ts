/** Addresses to judge a restriction by. Pure. */
import { compilePolicies, evaluate } from '../../policy/index.js';

/** One of documentation (RFC 5737) first, then one in each of 21 networks of eight bits. */
const CANDIDATES = ['192.0.2.213', ...Array.from({ length: 21 }, (_, index) => `${index * 10 + 3}.0.2.213`)];

/**
 * An address outside all `blocks`. There is one for whatever a request may hold: its twenty blocks, none with a prefix
 * shorter than eight bits, leave at least one of the candidates out.
 */
export function addressOutside(blocks: readonly string[]): string | undefined {
  const inside = compilePolicies([
    {
      name: 'inside',
      document: {
        version: '1',
        statements: [
          {
            effect: 'Allow',
            actions: ['*'],
            resources: ['*'],
            condition: { IpAddress: { 'acs:SourceIp': blocks } },
          },
        ],
      },
    },
  ]);
  const isInside = (ip: string): boolean =>
    evaluate(inside, { action: 'any:Action', resource: '*', context: { 'acs:SourceIp': ip } }).verdict ===
    'Allow';
  return CANDIDATES.find((ip) => !isInside(ip));
}
