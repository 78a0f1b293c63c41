import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amqpCredentials } from '../../shared/services/rabbitmq-credentials.js';

const NOW = 1_700_000_000_000;
const session = { accessKeyId: 'STS.NTAK', accessKeySecret: 'SECRET', securityToken: 'TOKEN' };
const decoded = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

describe('user name and password of a RabbitMQ client', () => {
  it('are those of the published test vector', async () => {
    expect(await amqpCredentials('amqp-cn-test', session, NOW)).toEqual({
      username: 'MDphbXFwLWNuLXRlc3Q6U1RTLk5UQUs6VE9LRU4=',
      password: 'RjNCQzVCQTRGM0M5NkZEQjhBRkUwODJBMDNBMEE3NzM3NThBMDBGNToxNzAwMDAwMDAwMDAw',
    });
  });

  it('name no token where the AccessKey of a user has none', async () => {
    const { accessKeyId, accessKeySecret } = session;
    const { username } = await amqpCredentials('amqp-cn-test', { accessKeyId, accessKeySecret }, NOW);
    expect(decoded(username)).toBe('0:amqp-cn-test:STS.NTAK');
  });

  it('sign the secret by the time, not the time by the secret, whatever both are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        async (secret, now) => {
          const keys = { ...session, accessKeySecret: secret };
          const { password } = await amqpCredentials('amqp-cn-test', keys, now);
          const signature = createHmac('sha1', `${now}`).update(secret, 'utf8').digest('hex').toUpperCase();
          expect(decoded(password)).toBe(`${signature}:${now}`);
        },
      ),
    );
  });

  it('change with every connection', async () => {
    const [now, later] = [
      await amqpCredentials('amqp-cn-test', session, NOW),
      await amqpCredentials('amqp-cn-test', session, NOW + 1),
    ];
    expect(later.password).not.toBe(now.password);
    expect(later.username).toBe(now.username);
  });
});
