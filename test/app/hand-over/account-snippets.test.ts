/** Clients that log on with an account of an instance, each run against a stub of what it touches of its library. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snippetsOf } from '../../../shared/app/hand-over/snippets/index.js';
import type { Grant } from '../../../shared/domain/grant.js';
import { handOverFor } from '../../support/hand-overs.js';
import { isInstalled } from '../../support/lease-world.js';
import { REGION, request } from '../../support/requests.js';

const rocketmq = (own: object = {}): Grant => ({
  service: 'rocketmq',
  series: '5.x',
  access: 'publish',
  region: REGION,
  instanceId: 'rmq-cn-x1',
  topics: ['orders'],
  dataPlane: { endsByController: true },
  ...own,
});
const rabbitmq = (own: object = {}): Grant => ({
  service: 'rabbitmq',
  access: 'publish',
  region: REGION,
  instanceId: 'amqp-cn-x1',
  virtualHosts: ['shop'],
  dataPlane: { endsByController: true, staticAccount: true },
  ...own,
});
/** Nobody enters by API: the accounts are all that programs have. */
const people = {
  ...request().grantee,
  accessors: [{ type: 'user', name: 'alice', via: 'console' }] as const,
};
const clientsFor = (...grants: readonly Grant[]) =>
  snippetsOf(handOverFor({ grants, grantee: people })).products;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'snippets-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, text: string) => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};
const run = async (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const options = { cwd: folder, env: { PATH: process.env['PATH'], ...env } };
  const { stdout, stderr } = await promisify(execFile)(command, [...args], options);
  return `${stdout}${stderr}`;
};

describe('a client with an account of an instance', () => {
  it('is in the hand-over where the contract gives one, also where nobody enters by API', () => {
    expect(clientsFor(rocketmq({ access: 'read', topics: undefined, dataPlane: undefined }))).toEqual([]);
    expect(clientsFor(rabbitmq({ dataPlane: undefined }))).toEqual([]);
    expect(clientsFor(rocketmq(), rabbitmq()).map(({ file }) => file)).toEqual([
      'Producer_rmq_cn_x1.java',
      'rabbitmq-amqp-cn-x1-static.mjs',
    ]);
  });

  it('connects to RabbitMQ with the user name that stays', async () => {
    write(
      'node_modules/amqplib/index.mjs',
      'export const connect = async (options) => void console.log(JSON.stringify(options));',
    );
    write('node_modules/amqplib/package.json', '{"name":"amqplib","exports":"./index.mjs"}');
    const [snippet] = clientsFor(rabbitmq());
    write(snippet!.file, snippet!.text);
    const env = { AMQP_ENDPOINT: 'x1.net.mq.amqp.aliyuncs.com', AMQP_USER: 'Mjph', AMQP_PASSWORD: 'p' };
    expect(JSON.parse(await run(process.execPath, [snippet!.file], env))).toEqual({
      protocol: 'amqps',
      hostname: 'x1.net.mq.amqp.aliyuncs.com',
      port: 5671,
      vhost: 'shop',
      username: 'Mjph',
      password: 'p',
    });
    await expect(run(process.execPath, [snippet!.file])).rejects.toThrow('AMQP_ENDPOINT is to be');
  });

  it.skipIf(!isInstalled('javac', '-version'))(
    'sends to RocketMQ 5.x, and receives with the group, under the account',
    async () => {
      const snippets = [
        ...clientsFor(rocketmq()),
        ...clientsFor(rocketmq({ access: 'subscribe', groups: ['GID_globex'] })),
      ];
      const files = { ...javaStubs, ...Object.fromEntries(snippets.map(({ file, text }) => [file, text])) };
      for (const [file, text] of Object.entries(files)) write(file, text);
      expect(await run('javac', ['-d', '.', ...Object.keys(files)])).toBe('');
      const env = { ROCKETMQ_ENDPOINTS: 'rmq.example:8080', ROCKETMQ_USER: 'lh-1', ROCKETMQ_PASSWORD: 'p' };
      expect(await run('java', ['-cp', '.', 'Producer_rmq_cn_x1'], env)).toBe(
        'rmq.example:8080 lh-1 p in no namespace\nproducer orders\nsent orders hello\nid\n',
      );
      const serverless = { ...env, ROCKETMQ_NAMESPACE: 'rmq-cn-x1' };
      expect(await run('java', ['-cp', '.', 'Run'], serverless)).toBe(
        'rmq.example:8080 lh-1 p in rmq-cn-x1\nconsumer GID_globex orders=* by TAG\nhello\nSUCCESS\n',
      );
    },
    60_000,
  );
});

/** Only what the snippets touch of `org.apache.rocketmq:rocketmq-client-java`, by the names and types that it has there. */
const API = 'org.apache.rocketmq.client.apis';
const javaStubs: Readonly<Record<string, string>> = {
  'stubs/StaticSessionCredentialsProvider.java': `package ${API};
public class StaticSessionCredentialsProvider implements SessionCredentialsProvider {
  final String shown; public StaticSessionCredentialsProvider(String key, String secret) { shown = key + " " + secret; }
}`,
  'stubs/SessionCredentialsProvider.java': `package ${API};\npublic interface SessionCredentialsProvider {}`,
  'stubs/ClientException.java': `package ${API};\npublic class ClientException extends Exception {}`,
  'stubs/ClientConfiguration.java': `package ${API};
public class ClientConfiguration {
  public static ClientConfigurationBuilder newBuilder() { return new ClientConfigurationBuilder(); }
}`,
  'stubs/ClientConfigurationBuilder.java': `package ${API};
public class ClientConfigurationBuilder {
  String endpoints; String namespace = ""; SessionCredentialsProvider provider;
  public ClientConfigurationBuilder setEndpoints(String e) { endpoints = e; return this; }
  public ClientConfigurationBuilder setNamespace(String n) { namespace = n; return this; }
  public ClientConfigurationBuilder setCredentialProvider(SessionCredentialsProvider p) { provider = p; return this; }
  public ClientConfiguration build() {
    System.out.println(endpoints + " " + ((StaticSessionCredentialsProvider) provider).shown
      + " in " + (namespace.isEmpty() ? "no namespace" : namespace)); return new ClientConfiguration();
  }
}`,
  'stubs/ClientServiceProvider.java': `package ${API};
public interface ClientServiceProvider {
  static ClientServiceProvider loadService() { return new ClientServiceProvider() {}; }
  default ${API}.producer.ProducerBuilder newProducerBuilder() { return new ${API}.producer.ProducerBuilder(); }
  default ${API}.message.MessageBuilder newMessageBuilder() { return new ${API}.message.MessageBuilder(); }
  default ${API}.consumer.PushConsumerBuilder newPushConsumerBuilder() { return new ${API}.consumer.PushConsumerBuilder(); }
}`,
  'stubs/message/Message.java': `package ${API}.message;
public interface Message { String getTopic(); java.nio.ByteBuffer getBody(); }`,
  'stubs/message/MessageView.java': `package ${API}.message;
public interface MessageView { java.nio.ByteBuffer getBody(); }`,
  'stubs/message/MessageId.java': `package ${API}.message;\npublic interface MessageId {}`,
  'stubs/message/MessageBuilder.java': `package ${API}.message;
import java.nio.ByteBuffer;
public class MessageBuilder {
  String topic; byte[] body;
  public MessageBuilder setTopic(String t) { topic = t; return this; }
  public MessageBuilder setBody(byte[] b) { body = b; return this; }
  public Message build() { return new Message() {
    public String getTopic() { return topic; } public ByteBuffer getBody() { return ByteBuffer.wrap(body); } }; }
}`,
  'stubs/producer/SendReceipt.java': `package ${API}.producer;
public interface SendReceipt { ${API}.message.MessageId getMessageId(); }`,
  'stubs/producer/Producer.java': `package ${API}.producer;
public interface Producer extends java.io.Closeable {
  SendReceipt send(${API}.message.Message message) throws ${API}.ClientException; void close() throws java.io.IOException;
}`,
  'stubs/producer/ProducerBuilder.java': `package ${API}.producer;
import ${API}.*; import ${API}.message.*;
public class ProducerBuilder {
  String[] topics;
  public ProducerBuilder setClientConfiguration(ClientConfiguration c) { return this; }
  public ProducerBuilder setTopics(String... t) { topics = t; return this; }
  public Producer build() throws ClientException {
    System.out.println("producer " + String.join(",", topics));
    return new Producer() {
      public void close() {}
      public SendReceipt send(Message m) {
        System.out.println("sent " + m.getTopic() + " " + java.nio.charset.StandardCharsets.UTF_8.decode(m.getBody()));
        return () -> new MessageId() { public String toString() { return "id"; } };
      } };
  }
}`,
  'stubs/consumer/ConsumeResult.java': `package ${API}.consumer;\npublic enum ConsumeResult { SUCCESS, FAILURE }`,
  'stubs/consumer/FilterExpressionType.java': `package ${API}.consumer;\npublic enum FilterExpressionType { TAG, SQL92 }`,
  'stubs/consumer/FilterExpression.java': `package ${API}.consumer;
public class FilterExpression {
  final String shown; public FilterExpression(String e, FilterExpressionType t) { shown = e + " by " + t; }
  public String toString() { return shown; }
}`,
  'stubs/consumer/MessageListener.java': `package ${API}.consumer;
public interface MessageListener { ConsumeResult consume(${API}.message.MessageView message); }`,
  'stubs/consumer/PushConsumer.java': `package ${API}.consumer;\npublic interface PushConsumer extends java.io.Closeable {}`,
  'stubs/consumer/PushConsumerBuilder.java': `package ${API}.consumer;
import ${API}.*; import java.util.Map;
public class PushConsumerBuilder {
  String group; Map<String, FilterExpression> topics; MessageListener listener;
  public PushConsumerBuilder setClientConfiguration(ClientConfiguration c) { return this; }
  public PushConsumerBuilder setConsumerGroup(String g) { group = g; return this; }
  public PushConsumerBuilder setSubscriptionExpressions(Map<String, FilterExpression> t) { topics = t; return this; }
  public PushConsumerBuilder setMessageListener(MessageListener l) { listener = l; return this; }
  public PushConsumer build() throws ClientException {
    String shown = topics.toString();
    System.out.println("consumer " + group + " " + shown.substring(1, shown.length() - 1));
    System.out.println(listener.consume(() -> java.nio.ByteBuffer.wrap("hello".getBytes())));
    return () -> {};
  }
}`,
  // The consumer waits for messages until it is stopped.
  'Run.java': `public class Run {
  public static void main(String[] args) throws Exception {
    Thread.currentThread().interrupt();
    try { Consumer_rmq_cn_x1.main(args); } catch (InterruptedException stopped) { }
  }
}`,
};
