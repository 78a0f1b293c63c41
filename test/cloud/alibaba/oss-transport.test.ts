import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeEvidencePort } from '../../../shared/cloud/alibaba/oss.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** An evidence port on a server that does `answer`. */
async function evidenceOver(
  answer: (request: import('node:http').IncomingMessage, reply: import('node:http').ServerResponse) => void,
  timeoutMilliseconds = 5_000,
) {
  server = createServer(answer);
  await new Promise<void>((resolve) => {
    server?.listen(0, '127.0.0.1', resolve);
  });
  const endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'STS.k', accessKeySecret: 's', securityToken: 't' };
  return makeEvidencePort(
    { region: 'cn-hangzhou', owner: '1000000000000001', credentials, endpoint, timeoutMilliseconds },
    'evidence',
  );
}

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
