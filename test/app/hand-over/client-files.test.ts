import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snippetsOf } from '../../../shared/app/hand-over/snippets/index.js';
import type { Snippet } from '../../../shared/app/hand-over/snippets/snippet.js';
import type { Grant } from '../../../shared/domain/grant.js';
import { eventbridgeGrant, handOverFor, rabbitmqGrant } from '../../support/hand-overs.js';
import { kafkaGrant, REGION } from '../../support/requests.js';

const filesFor = (...grants: readonly Grant[]): readonly Snippet[] =>
  // The first resource says where sessions are taken, so that it is the same for all.
  snippetsOf({ ...handOverFor(), resources: [kafkaGrant, ...grants] }).products.filter(
    ({ file }) => file !== 'apis.mjs',
  );
const namesFor = (...grants: readonly Grant[]) => filesFor(...grants).map(({ file }) => file);

const dataPlane = { endsByController: true } as const;
const grant = (own: object): Grant => own as Grant;
const publish = grant({ ...kafkaGrant, access: 'publish', topics: ['orders'], dataPlane });
const subscribe = grant({ ...publish, access: 'subscribe', groups: ['globex'] });
const producer5 = grant({ ...publish, service: 'rocketmq', series: '5.x', instanceId: 'rmq-cn-x1' });

describe('the files of clients', () => {
  it.each([
    [
      'who publishes and who subscribes',
      [publish, subscribe],
      ['kafka-alikafka-pre-cn-x1-publish.mjs', 'kafka-alikafka-pre-cn-x1-subscribe.mjs'],
    ],
    [
      'topics of one instance',
      [producer5, { ...producer5, topics: ['invoices'] }],
      ['Producer_rmq_cn_x1_orders.java', 'Producer_rmq_cn_x1_invoices.java'],
    ],
    [
      'virtual hosts of one instance',
      [rabbitmqGrant, { ...rabbitmqGrant, virtualHosts: ['returns'] }],
      [
        'rabbitmq-amqp-cn-x1-shop.mjs',
        'rabbitmq_amqp_cn_x1_shop.py',
        'rabbitmq-amqp-cn-x1-returns.mjs',
        'rabbitmq_amqp_cn_x1_returns.py',
      ],
    ],
    [
      'buses of one name in two regions',
      [eventbridgeGrant, { ...eventbridgeGrant, region: 'cn-beijing' }],
      ['eventbridge-orders-cn-hangzhou.mjs', 'eventbridge-orders-cn-beijing.mjs'],
    ],
    [
      'topics that differ in signs alone',
      [producer5, { ...producer5, topics: ['or_ders'] }, { ...producer5, topics: ['OR-DERS'] }],
      [
        'Producer_rmq_cn_x1_orders.java',
        'Producer_rmq_cn_x1_or_ders_cn_hangzhou.java',
        'Producer_rmq_cn_x1_OR_DERS_cn_hangzhou_2.java',
      ],
    ],
  ] as const)('tell apart %s', (_what, grants, names) => {
    expect(namesFor(...(grants as readonly Grant[]))).toEqual(names);
  });

  it('are one where two grants give the same client', () =>
    expect(namesFor(rabbitmqGrant, grant({ ...rabbitmqGrant, access: 'full' }))).toHaveLength(2));

  it('have a name of their own each, and none is lost, whatever the grants', () => {
    fc.assert(
      fc.property(fc.array(anyGrant, { maxLength: 8 }), (grants) => {
        const files = filesFor(...grants);
        expect(new Set(files.map(({ file }) => file.toLowerCase())).size).toBe(files.length);
        const all = files.map(nameless);
        for (const one of grants.flatMap((grant) => filesFor(grant))) expect(all).toContain(nameless(one));
      }),
    );
  });
});

/** Java's text, and no other, holds the name of its file; elsewhere a short name may stand for something else. */
const nameless = ({ file, text }: Snippet): string =>
  file.endsWith('.java')
    ? text.replaceAll(new RegExp(`\\b${file.replace(/\.java$/, '')}\\b`, 'g'), '…')
    : text;

const word = fc.constantFrom('a', 'A', 'a-b', 'a_b', 'b', '-', 'a.b');
const place = {
  region: fc.constantFrom(REGION, 'cn-beijing'),
  instanceId: fc.constantFrom('a', 'a-b', 'a_b', 'A-B'),
  access: fc.constantFrom('publish', 'subscribe', 'full', 'read'),
};
const named = { topics: fc.array(word, { maxLength: 2 }), groups: fc.array(word, { maxLength: 2 }) };
const account = { dataPlane: fc.constant(dataPlane) };
const anyGrant = fc.oneof(
  fc.record({ service: fc.constant('kafka'), ...place, ...named, ...account }),
  fc.record({ service: fc.constant('rocketmq'), series: fc.constant('5.x'), ...place, ...named, ...account }),
  fc.record({ ...place, service: fc.constant('rocketmq'), series: fc.constant('4.x'), ...named }),
  fc.record(
    {
      ...place,
      service: fc.constant('rabbitmq'),
      virtualHosts: fc.array(word, { minLength: 1, maxLength: 2 }),
      ...account,
    },
    { requiredKeys: ['service', 'region', 'instanceId', 'access', 'virtualHosts'] },
  ),
  fc.record({
    service: fc.constant('eventbridge'),
    access: fc.constant('publish'),
    region: place.region,
    eventBus: word,
  }),
) as fc.Arbitrary<Grant>;
