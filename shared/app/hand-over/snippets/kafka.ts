/** Kafka clients take no session: they log on with an account of the instance, where the contract gives one. */
import type { KafkaGrant } from '../../../domain/grant.js';
import { besidesOf, type Client, literal, wordOf } from './snippet.js';

export function kafkaClients(grant: KafkaGrant): readonly Client[] {
  if (grant.dataPlane === undefined) return [];
  const [topic = 'topic', group = 'group'] = [grant.topics?.[0], grant.groups?.[0]];
  return [
    {
      name: ['kafka', grant.instanceId, grant.access],
      besides: besidesOf(grant),
      extension: 'mjs',
      language: 'js',
      about:
        'Kafka from Node.js, over TLS where the endpoint has it, with the instance’s own account. That account ends with the contract, not with a session.',
      text: () => `// npm install kafkajs; KAFKA_BROKERS is the instance's SSL endpoint (port 9093), ca-cert.pem the vendor's certificate.
// An instance without public access has no such endpoint: inside its VPC give the SASL endpoint (port 9094), and KAFKA_TLS=no,
// for it has no TLS.
import { readFileSync } from 'node:fs';
import { Kafka } from 'kafkajs';

export const kafka = new Kafka({
  clientId: ${literal(wordOf(grant.instanceId))},
  brokers: process.env.KAFKA_BROKERS.split(','),
  // As in the vendor's own programs no name is looked for in a broker's certificate; it must be one of the vendor's authority.
  ssl: process.env.KAFKA_TLS !== 'no' && { ca: [readFileSync('ca-cert.pem', 'utf8')], checkServerIdentity: () => undefined },
  sasl: { mechanism: 'plain', username: process.env.KAFKA_USER, password: process.env.KAFKA_PASSWORD },
});
${
  grant.access === 'subscribe'
    ? `const consumer = kafka.consumer({ groupId: ${literal(group)} });
await consumer.connect();
await consumer.subscribe({ topics: [${literal(topic)}] });
await consumer.run({ eachMessage: async ({ message }) => console.log(String(message.value)) });`
    : `const producer = kafka.producer();
await producer.connect();
await producer.send({ topic: ${literal(topic)}, messages: [{ value: 'hello' }] });
await producer.disconnect();`
}
`,
    },
  ];
}
