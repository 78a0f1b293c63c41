/** ApsaraMQ for RabbitMQ: user name and password are made of the session, fresh for every connection, or stay where that was asked for. */
import type { RabbitmqGrant } from '../../../domain/grant.js';
import { type Client, literal } from './snippet.js';

/** Which it is stands in the instance's details alone: names of newer instances cannot be told from what the grant says. */
const NO_ENDPOINT = "AMQP_ENDPOINT is to be the instance's endpoint, without a port";

export const rabbitmqClients = (grant: RabbitmqGrant): readonly Client[] => {
  const [vhost = ''] = grant.virtualHosts;
  return [node(grant, vhost), python(grant, vhost)];
};

/** For clients that cannot make a user name of a session. */
export const staticAccountClients = (grant: RabbitmqGrant): readonly Client[] =>
  grant.dataPlane === undefined
    ? []
    : [
        {
          name: ['rabbitmq', grant.instanceId, 'static'],
          besides: [grant.virtualHosts[0] ?? '', grant.region],
          extension: 'mjs',
          language: 'js',
          about:
            'RabbitMQ from Node.js, over TLS, with the user name and the password that stay. They end with the contract, not with a session.',
          text: () => `// npm install amqplib; AMQP_ENDPOINT is the instance's endpoint, as its details say, like
// name.net.mq.amqp.aliyuncs.com; AMQP_USER and AMQP_PASSWORD are what open.mjs shows
import { connect } from 'amqplib';

if (!process.env.AMQP_ENDPOINT) throw new Error(${literal(NO_ENDPOINT)});
export const connection = await connect({
  protocol: 'amqps',
  hostname: process.env.AMQP_ENDPOINT,
  port: 5671,
  vhost: ${literal(grant.virtualHosts[0] ?? '')},
  username: process.env.AMQP_USER,
  password: process.env.AMQP_PASSWORD,
});
`,
        },
      ];

const node = (grant: RabbitmqGrant, vhost: string): Client => ({
  name: ['rabbitmq', grant.instanceId],
  besides: [vhost, grant.region],
  extension: 'mjs',
  language: 'js',
  about:
    'RabbitMQ from Node.js, over TLS. Connect anew when the session ends: open connections are not checked again.',
  text: () => `// npm install amqplib, and session.mjs beside this; AMQP_ENDPOINT is the instance's endpoint, as its details say,
// like name.net.mq.amqp.aliyuncs.com
import { createHmac } from 'node:crypto';
import { connect } from 'amqplib';
import { enter } from './session.mjs';

const INSTANCE_ID = ${literal(grant.instanceId)};
const ENDPOINT = process.env.AMQP_ENDPOINT;
if (!ENDPOINT) throw new Error(${literal(NO_ENDPOINT)});

/** The time is the key of the HMAC and the secret its data. */
export function amqpCredentials(instanceId, { accessKeyId, accessKeySecret, securityToken }, now = Date.now()) {
  const base64 = (text) => Buffer.from(text).toString('base64');
  const signature = createHmac('sha1', String(now)).update(accessKeySecret).digest('hex').toUpperCase();
  return {
    username: base64(['0', instanceId, accessKeyId, securityToken].join(':')),
    password: base64(\`\${signature}:\${now}\`),
  };
}

const { username, password } = amqpCredentials(INSTANCE_ID, await enter());
export const connection = await connect({
  protocol: 'amqps',
  hostname: ENDPOINT,
  port: 5671,
  vhost: ${literal(vhost)},
  username,
  password,
});
`,
});

const python = (grant: RabbitmqGrant, vhost: string): Client => ({
  name: ['rabbitmq', grant.instanceId],
  besides: [vhost, grant.region],
  extension: 'py',
  language: 'python',
  about: 'RabbitMQ from Python; the three values of the session come as arguments.',
  text: () => `# pip install pika; AMQP_ENDPOINT is the instance's endpoint, as its details say, like name.net.mq.amqp.aliyuncs.com
import base64
import hashlib
import hmac
import os
import ssl
import time

import pika

INSTANCE_ID = ${literal(grant.instanceId)}
ENDPOINT = os.environ["AMQP_ENDPOINT"]


def amqp_credentials(instance_id, access_key_id, access_key_secret, security_token, now=None):
    """The time is the key of the HMAC and the secret its data."""
    milliseconds = str(int(time.time() * 1000) if now is None else now)
    signature = hmac.new(milliseconds.encode(), access_key_secret.encode(), hashlib.sha1).hexdigest().upper()
    user = ":".join(["0", instance_id, access_key_id, security_token])
    return tuple(base64.b64encode(text.encode()).decode() for text in (user, f"{signature}:{milliseconds}"))


def connect(access_key_id, access_key_secret, security_token):
    username, password = amqp_credentials(INSTANCE_ID, access_key_id, access_key_secret, security_token)
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            host=ENDPOINT,
            port=5671,
            virtual_host=${literal(vhost)},
            credentials=pika.PlainCredentials(username, password),
            ssl_options=pika.SSLOptions(ssl.create_default_context(), ENDPOINT),
        )
    )
`,
});
