/** RocketMQ 5.x clients take no session: they log on with an account of the instance, where the contract gives one. */
import type { RocketmqGrant } from '../../../domain/grant.js';
import { besidesOf, type Client, literal } from './snippet.js';

export function rocketmq5Clients(grant: RocketmqGrant): readonly Client[] {
  if (grant.series !== '5.x' || grant.dataPlane === undefined) return [];
  const [topic = 'topic', group = 'group'] = [grant.topics?.[0], grant.groups?.[0]];
  const kind = grant.access === 'subscribe' ? 'Consumer' : 'Producer';
  return [
    {
      name: [kind, grant.instanceId],
      besides: besidesOf(grant),
      extension: 'java',
      language: 'java',
      about: `RocketMQ 5.x from Java: a ${kind.toLowerCase()} with the instance’s own account. That account ends with the contract, not with a session.`,
      text: (name) => template(name, kind === 'Consumer' ? consumer(topic, group) : producer(topic)),
    },
  ];
}

const producer = (topic: string): string => `        try (Producer producer = PROVIDER.newProducerBuilder()
                .setClientConfiguration(configuration())
                .setTopics(${literal(topic)})
                .build()) {
            Message message = PROVIDER.newMessageBuilder()
                .setTopic(${literal(topic)})
                .setBody("hello".getBytes(StandardCharsets.UTF_8))
                .build();
            System.out.println(producer.send(message).getMessageId());
        }`;

const consumer = (topic: string, group: string): string => `        PROVIDER.newPushConsumerBuilder()
            .setClientConfiguration(configuration())
            .setConsumerGroup(${literal(group)})
            .setSubscriptionExpressions(Map.of(${literal(topic)}, new FilterExpression("*", FilterExpressionType.TAG)))
            .setMessageListener(message -> {
                System.out.println(StandardCharsets.UTF_8.decode(message.getBody()));
                return ConsumeResult.SUCCESS;
            })
            .build();
        Thread.currentThread().join();`;

const template = (
  name: string,
  body: string,
): string => `// Maven: org.apache.rocketmq:rocketmq-client-java (5.0.7 or later)
// ROCKETMQ_ENDPOINTS is the instance's endpoint, as its details say, with the port; ROCKETMQ_USER and ROCKETMQ_PASSWORD are
// what open.mjs shows. For the public endpoint of a serverless instance set ROCKETMQ_NAMESPACE to the instance's id.
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.rocketmq.client.apis.*;
import org.apache.rocketmq.client.apis.consumer.*;
import org.apache.rocketmq.client.apis.message.*;
import org.apache.rocketmq.client.apis.producer.*;

public class ${name} {
    static final ClientServiceProvider PROVIDER = ClientServiceProvider.loadService();

    static ClientConfiguration configuration() {
        return ClientConfiguration.newBuilder()
            .setEndpoints(System.getenv("ROCKETMQ_ENDPOINTS"))
            .setNamespace(System.getenv().getOrDefault("ROCKETMQ_NAMESPACE", ""))
            .setCredentialProvider(new StaticSessionCredentialsProvider(
                System.getenv("ROCKETMQ_USER"), System.getenv("ROCKETMQ_PASSWORD")))
            .build();
    }

    public static void main(String[] args) throws Exception {
${body}
    }
}
`;
