/** A place that answers every call with what the test has ready, for replies that the embedded cloud does not give. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection } from '../../shared/cloud/alibaba/connection.js';

export interface Canned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

export interface CannedCloud {
  readonly connection: Connection;
  close(): Promise<unknown>;
}

export async function startCannedCloud(answer: (request: IncomingMessage) => Canned): Promise<CannedCloud> {
  const server = createServer((request, response) => {
    const { status = 200, headers = {}, body } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    connection: {
      region: 'cn-hangzhou',
      owner: '1000000000000001',
      credentials: { accessKeyId: 'id', accessKeySecret: 'secret' },
      endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      timeoutMilliseconds: 5_000,
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
