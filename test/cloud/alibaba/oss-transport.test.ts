import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeEvidencePort, makeIndexPort, placeOptions } from '../../../shared/cloud/alibaba/oss.js';
import { makeRamPort } from '../../../shared/cloud/alibaba/ram.js';
import type { RoleName } from '../../../shared/domain/values.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

type Answer = (request: IncomingMessage, reply: ServerResponse) => void;

/** A register on a server that does `answer`. */
async function registerOver(answer: Answer, timeoutMilliseconds = 5_000) {
  server = createServer(answer);
  await new Promise<void>((resolve) => {
    server?.listen(0, '127.0.0.1', resolve);
  });
  const connection = {
    region: 'cn-hangzhou',
    owner: '1000000000000001',
    credentials: { accessKeyId: 'STS.k', accessKeySecret: 's', securityToken: 't' },
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    timeoutMilliseconds,
  };
  return { connection, evidence: makeEvidencePort(connection, 'evidence') };
}
const evidenceOver = async (answer: Answer, timeoutMilliseconds?: number) =>
  (await registerOver(answer, timeoutMilliseconds)).evidence;

describe('the register over its own transport', () => {
  it('sends a body whole, with the bucket as host and the type of its key', async () => {
    const heard: unknown[] = [];
    const evidence = await evidenceOver((request, reply) => {
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          heard.push([
            request.method,
            request.url,
            request.headers.host,
            request.headers['content-type'],
            String(Buffer.concat(chunks)),
          ]);
          reply.end();
        });
    });
    expect(await evidence.create('a/b.json', '{"ä":1}')).toBe('created');
    expect(heard).toEqual([
      ['PUT', '/a/b.json', 'evidence.oss-cn-hangzhou.aliyuncs.com', 'application/json', '{"ä":1}'],
    ]);
  });

  it('goes by the internal endpoint where it is said to be inside', async () => {
    const hosts: unknown[] = [];
    const { connection } = await registerOver((request, reply) => {
      hosts.push(request.headers.host);
      reply.end('{}');
    });
    await makeEvidencePort({ ...connection, oss: 'internal' }, 'evidence').read('a.json');
    await makeIndexPort({ ...connection, oss: { evidence: 'a.example' } }, 'index').read('a.json');
    expect(hosts).toEqual([
      'evidence.oss-cn-hangzhou-internal.aliyuncs.com',
      'index.oss-cn-hangzhou.aliyuncs.com',
    ]);
  });

  it('goes by the domain that is bound to a bucket, by HTTPS', () => {
    const connection = {
      region: 'cn-hangzhou',
      owner: '1000000000000001',
      credentials: { accessKeyId: 'k', accessKeySecret: 's' },
      oss: { evidence: 'evidence.a.example' },
      timeoutMilliseconds: 1,
    };
    expect(placeOptions(connection, 'evidence')).toEqual({
      endpoint: 'https://evidence.a.example',
      cname: true,
    });
    expect(placeOptions(connection, 'index')).toEqual({ secure: true, internal: false });
  });

  it('reads a body whole, however it comes', async () => {
    const evidence = await evidenceOver((_, reply) => {
      reply.write('{"a":');
      reply.end('"ü"}');
    });
    expect(await evidence.read('a.json')).toBe('{"a":"ü"}');
  });

  it('tells a refusal by its code', async () => {
    const evidence = await evidenceOver((_, reply) => {
      reply.writeHead(409).end('<Error><Code>FileAlreadyExists</Code></Error>');
    });
    expect(await evidence.create('a.json', '{}')).toBe('exists');
  });

  it('asks once more when a kept connection was closed meanwhile', async () => {
    let asked = 0;
    const evidence = await evidenceOver((request, reply) => {
      asked += 1;
      if (asked === 2) request.socket.destroy();
      else reply.end('{}');
    });
    await evidence.read('a.json');
    expect(await evidence.read('b.json')).toBe('{}');
    expect(asked).toBe(3);
  });

  it.each(['ECONNRESET', 'EPIPE'])('asks once more where a kept connection breaks by %s', async (code) => {
    const evidence = await evidenceOver((_, reply) => void reply.end('{}'));
    await evidence.read('a.json');
    const reuse = vi.spyOn(Agent.prototype, 'reuseSocket').mockImplementationOnce((socket) => {
      setImmediate(() => socket.destroy(Object.assign(new Error('write'), { code })));
    });
    expect(await evidence.read('b.json')).toBe('{}');
    expect(reuse).toHaveBeenCalledTimes(1);
    reuse.mockRestore();
  });

  it('asks once more over a connection that is new, since all that are kept may have been closed', async () => {
    const used = new Set<unknown>();
    const held: (() => void)[] = [];
    const evidence = await evidenceOver((request, reply) => {
      if (used.has(request.socket)) return void request.socket.destroy();
      used.add(request.socket);
      held.push(() => reply.end('{}'));
      // The first two come at the same time, over a connection each.
      if (held.length > 1) for (const answer of held.splice(0)) answer();
      else if (used.size > 2) held.pop()?.();
    });
    await Promise.all([evidence.read('a.json'), evidence.read('b.json')]);
    expect(await evidence.read('c.json')).toBe('{}');
    expect(used.size).toBe(3);
  });

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/../b',
    'a/./b',
    '../a',
    'a b',
    'ä',
    'a?x',
    `a/${'b'.repeat(1022)}`,
  ])('asks nobody about the key %j, under which the SDK could ask about something else', async (key) => {
    let asked = 0;
    const { connection, evidence } = await registerOver((_, reply) => {
      asked += 1;
      reply.end('{}');
    });
    const index = makeIndexPort(connection, 'index');
    for (const call of [
      () => evidence.create(key, '{}'),
      () => evidence.read(key),
      () => index.put(key, '{}'),
      () => index.remove(key),
      () => index.removeAll([key]),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'REGISTER_BROKEN' });
    expect(asked).toBe(0);
  });

  it('is not ended by what another SDK left running', async () => {
    const answers: (() => void)[] = [];
    const { evidence, connection } = await registerOver((request, reply) => {
      if (request.headers['x-oss-date'] === undefined) reply.end('{"Role":{"Arn":"a","RoleId":"1"}}');
      else answers.push(() => reply.end('{}'));
    });
    const ram = makeRamPort({ ...connection, timeoutMilliseconds: 250 });
    await ram.observeRole('lease-x' as RoleName);
    const read = evidence.read('a.json');
    // Past the other's time-out, whose clock is the host's.
    await setTimeout(300);
    for (const answer of answers) answer();
    expect(await read).toBe('{}');
  });

  it('is to be tried later when the connection is lost', async () => {
    const evidence = await evidenceOver((request) => request.socket.destroy());
    await expect(evidence.read('a.json')).rejects.toMatchObject({
      name: 'TryLaterError',
      code: 'UNAVAILABLE',
    });
  });

  it('is to be tried later when a reply breaks off', async () => {
    const evidence = await evidenceOver((request, reply) => {
      reply.writeHead(200, { 'content-length': '100' });
      reply.write('half', () => request.socket.destroy());
    });
    await expect(evidence.read('a.json')).rejects.toMatchObject({
      name: 'TryLaterError',
      code: 'UNAVAILABLE',
    });
  });

  it('is to be tried later when no reply comes in time', async () => {
    const evidence = await evidenceOver(() => undefined, 20);
    await expect(evidence.read('a.json')).rejects.toMatchObject({ name: 'TryLaterError', code: 'TIMED_OUT' });
  });
});

describe('a listing of the register', () => {
  /** As of `hello`, but for how it is written. */
  const TAG = '5D41402ABC4B2A76B9719D911017C592';
  const listing = (tag: string): string =>
    `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/1.json</Key><ETag>${tag}</ETag></Contents></ListBucketResult>`;

  it.each([
    ['in quotes', `&quot;${TAG}&quot;`, true],
    ['in lower case', TAG.toLowerCase(), true],
    ['of another text', `&quot;${TAG.replace('5', '6')}&quot;`, false],
    ['that is no digest', '&quot;encrypted-1&quot;', false],
    ['that is none', '', false],
  ])('tells by an ETag %s what an object holds', async (_, tag, holds) => {
    const evidence = await evidenceOver((__, reply) => void reply.end(listing(tag)));
    const objects = await evidence.objects('a/');
    expect(objects.map((one) => [one.key, one.holds('hello')])).toEqual([['a/1.json', holds]]);
  });
});

describe('entries of the index that are removed together', () => {
  const removed = (...keys: readonly string[]): string =>
    `<DeleteResult>${keys.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join('')}</DeleteResult>`;
  const indexOver = async (body: string, heard: string[] = []) => {
    const { connection } = await registerOver((request, reply) => {
      heard.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
      if (request.method === 'DELETE') reply.writeHead(204).end();
      else reply.end(body);
    });
    return makeIndexPort(connection, 'index');
  };

  it('are removed by one request', async () => {
    const heard: string[] = [];
    const index = await indexOver(removed('due/1', 'due/2'), heard);
    await index.removeAll(['due/1', 'due/2']);
    expect(heard).toEqual(['POST /?delete= application/xml']);
  });

  it('are removed by as many requests as it takes: one names a thousand', async () => {
    const keys = Array.from({ length: 1001 }, (_, n) => `due/${n}`);
    const heard: string[] = [];
    const index = await indexOver(removed(...keys), heard);
    await index.removeAll(keys);
    expect(heard).toHaveLength(2);
  });

  it('are none when there are none, and nobody is asked', async () => {
    const heard: string[] = [];
    await (await indexOver('', heard)).removeAll([]);
    expect(heard).toEqual([]);
  });

  it.each([
    ['one of them', removed('due/1'), ['/due/2']],
    ['none', '<DeleteResult/>', ['/due/1', '/due/2']],
    ['nothing', '', ['/due/1', '/due/2']],
  ])('are removed one by one when the answer names %s', async (_, body, urls) => {
    const heard: string[] = [];
    await (await indexOver(body, heard)).removeAll(['due/1', 'due/2']);
    expect(heard.slice(1)).toEqual(urls.map((url) => `DELETE ${url} undefined`));
  });
});
