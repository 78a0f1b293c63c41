import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaGrant } from '../../shared/domain/grant.js';
import type { ProductReadings } from '../../shared/loopback/products/readings.js';
import { amend } from '../support/changes.js';
import { kafkaGrant } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const narrow = kafkaGrant as KafkaGrant;
const anywhere: KafkaGrant = { ...narrow, listsAnywhere: true };
const other: KafkaGrant = { ...narrow, instanceId: 'alikafka_pre-cn-x2' };

describe.each<ProductReadings['kafkaLists']>(['instance', 'all'])(
  'where Kafka checks lists on: %s',
  (kafkaLists) => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ runner: 'in-process', productReadings: { kafkaLists } });
    });
    afterAll(() => world?.cloud.close());
    const answerTo = async (contractId: string, grants: readonly KafkaGrant[]) => {
      await world.onboard(contractId, { grants });
      return world.hear(contractId, 'granted', 'failed', 'rejected');
    };

    it('listing them anywhere is granted, and ended', async () => {
      expect((await answerTo('A-1', [anywhere])).type).toBe('partner.access.granted');
      await world.terminate('A-1');
      expect((await world.hear('A-1', 'revoked', 'failed')).type).toBe('partner.access.revoked');
    });

    it('so is listing another instance beside it, which then works however it is checked', async () => {
      expect((await answerTo('B-1', [anywhere, other])).type).toBe('partner.access.granted');
    });

    it('an instance may be left out while they may be listed anywhere', async () => {
      await answerTo('L-1', [anywhere, other]);
      await amend(world, 'L-1', { revision: 1, grants: [anywhere] });
      expect((await world.hear('L-1', 'amended', 'failed', 'rejected')).type).toBe('partner.access.amended');
    });

    it.runIf(kafkaLists === 'instance')('listing one instance alone is granted', async () => {
      expect((await answerTo('N-1', [narrow])).type).toBe('partner.access.granted');
    });

    it.runIf(kafkaLists === 'all')(
      'listing one instance alone fails, with what to ask for instead',
      async () => {
        const failed = await answerTo('N-1', [narrow]);
        expect(failed.type).toBe('partner.access.failed');
        expect(JSON.stringify(failed.data)).toContain('listsAnywhere');
        await world.onboard('N-1', { grants: [anywhere] }, 'again');
        expect((await world.hear('N-1', 'granted', 'rejected')).type).toBe('partner.access.granted');
      },
    );
  },
);
