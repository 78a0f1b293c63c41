/** RocketMQ 4.x by the vendor's Java client, which takes a session's token and a new one without a restart. */
import type { RocketmqGrant } from '../../../domain/grant.js';
import type { HandOver } from '../hand-over.js';
import { besidesOf, type Client, EXTERNAL_ID_VARIABLE, literal, regionOf } from './snippet.js';

/** None for 5.x, whose brokers do not take sessions, nor where nothing is sent or received. */
export function rocketmqClients(grant: RocketmqGrant, handOver: HandOver): readonly Client[] {
  if (grant.series !== '4.x') return [];
  const [topic = '', group = ''] = [grant.topics?.[0], grant.groups?.[0]];
  return [
    ...(grant.access === 'publish' || grant.access === 'full' ? [producer(grant, handOver, topic)] : []),
    ...(grant.access === 'subscribe' || grant.access === 'full'
      ? [consumer(grant, handOver, topic, group)]
      : []),
  ];
}

function java(kind: 'Producer' | 'Consumer', grant: RocketmqGrant, handOver: HandOver, body: string): Client {
  return {
    name: [kind, grant.instanceId],
    besides: besidesOf(grant),
    extension: 'java',
    language: 'java',
    about: `RocketMQ 4.x from Java: a ${kind.toLowerCase()} that is given each new session before the old one ends, without a restart.`,
    text: (name) => template(name, kind, grant, handOver, body),
  };
}

const producer = (grant: RocketmqGrant, handOver: HandOver, topic: string): Client =>
  java(
    'Producer',
    grant,
    handOver,
    `        client = ONSFactory.createProducer(session());
        client.start();
        SendResult sent = client.send(new Message(${literal(topic)}, "tag", "hello".getBytes(StandardCharsets.UTF_8)));
        System.out.println(sent.getMessageId());`,
  );

const consumer = (grant: RocketmqGrant, handOver: HandOver, topic: string, group: string): Client =>
  java(
    'Consumer',
    grant,
    handOver,
    `        Properties properties = session();
        properties.put(PropertyKeyConst.GROUP_ID, ${literal(group)});
        client = ONSFactory.createConsumer(properties);
        client.subscribe(${literal(topic)}, "*", (message, context) -> {
            System.out.println(new String(message.getBody(), StandardCharsets.UTF_8));
            return Action.CommitMessage;
        });
        client.start();`,
  );

/** The instance's role is the grantee's own, so RAM_ROLE_NAME, which uses it as it is, would not enter the owner's account. */
const template = (
  name: string,
  kind: string,
  grant: RocketmqGrant,
  handOver: HandOver,
  body: string,
): string => `// Maven: com.aliyun.openservices:ons-client (1.8.7.3.Final or later), com.aliyun:sts20150401, com.aliyun:credentials-java
// Keys come from ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET; on an ECS instance with a role that may enter
// there are none: set ALIBABA_CLOUD_ECS_METADATA to the role's name, and ALIBABA_CLOUD_CLI_PROFILE_DISABLED to true, since profiles of
// the \`aliyun\` command would come before the role.
import com.aliyun.openservices.ons.api.*;
import com.aliyun.sts20150401.models.AssumeRoleRequest;
import com.aliyun.sts20150401.models.AssumeRoleResponseBody.AssumeRoleResponseBodyCredentials;
import com.aliyun.teaopenapi.models.Config;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

public class ${name} {
    static final long RENEW_BEFORE_SECONDS = 300;
    static ${kind} client;
    static Instant expiration;

    /** A new session's three values, as the client takes them. */
    static Properties session() throws Exception {
        AssumeRoleRequest request = new AssumeRoleRequest()
            .setRoleArn(${literal(handOver.roleArn)})
            .setRoleSessionName("application")
            .setExternalId(System.getenv(${literal(EXTERNAL_ID_VARIABLE)}))
            .setDurationSeconds(${handOver.maxSessionSeconds}L);
        Config config = new Config()
            .setCredential(new com.aliyun.credentials.Client())
            .setEndpoint(${literal(`sts.${regionOf(handOver)}.aliyuncs.com`)});
        AssumeRoleResponseBodyCredentials credentials =
            new com.aliyun.sts20150401.Client(config).assumeRole(request).getBody().getCredentials();
        expiration = Instant.parse(credentials.getExpiration());
        Properties properties = new Properties();
        properties.put(PropertyKeyConst.AccessKey, credentials.getAccessKeyId());
        properties.put(PropertyKeyConst.SecretKey, credentials.getAccessKeySecret());
        properties.put(PropertyKeyConst.SecurityToken, credentials.getSecurityToken());
        properties.put(PropertyKeyConst.NAMESRV_ADDR, System.getenv().getOrDefault("NAMESRV_ADDR",
            ${literal(`http://${grant.instanceId}.${grant.region}.mq-internal.aliyuncs.com:8080`)}));
        return properties;
    }

    /** Once a minute; whoever throws here would stop the schedule, and with it all renewal. */
    static void renew() {
        if (Instant.now().plusSeconds(RENEW_BEFORE_SECONDS).isBefore(expiration)) return;
        try {
            client.updateCredential(session());
        } catch (Exception failure) {
            System.err.println("no new session yet, asked again in a minute: " + failure.getMessage());
        }
    }

    public static void main(String[] args) throws Exception {
${body}
        Executors.newSingleThreadScheduledExecutor()
            .scheduleAtFixedRate(${name}::renew, 1, 1, TimeUnit.MINUTES);
    }
}
`;
