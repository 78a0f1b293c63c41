/** Invokes functions of both generations of Function Compute; the form of the ARN says which. */
import { Readable } from 'node:stream';
import FcPackage, * as Fc from '@alicloud/fc20230330';
import { RuntimeOptions } from '@darabonba/typescript';
import { InvalidRequestError } from '../../domain/errors.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { doing } from './failures.js';
import { fc2Client } from './function-services.js';

export interface InvocationResult {
  /** Set when the function itself failed; then `text` is its error as JSON. */
  readonly errorType?: string;
  readonly text: string;
}

const IN_SERVICE = /^acs:fc:([^:]*):([^:]*):services\/([^/.]+)(?:\.([^/]+))?\/functions\/([^/]+)$/;
const ALONE = /^acs:fc:([^:]*):([^:]*):functions\/([^/]+)(?:\/([^/]+))?$/;

/**
 * Runs the function and waits for its reply. May run twice only if the function may.
 * @throws {InvalidRequestError} `BAD_CONFIG` for what is no function's ARN
 */
export function invokeFunction(
  arn: string,
  event: string,
  connection: Connection,
): Promise<InvocationResult> {
  const [inService, , , service = '', version, legacyName = ''] = IN_SERVICE.exec(arn) ?? [];
  if (inService !== undefined)
    return invokeInService({ service, name: legacyName, qualifier: version ?? 'LATEST', event }, connection);
  const [alone, , , name = '', qualifier] = ALONE.exec(arn) ?? [];
  if (alone === undefined) throw new InvalidRequestError('BAD_CONFIG', `${arn} names no function`);
  return invokeAlone({ name, qualifier: qualifier ?? 'LATEST', event }, connection);
}

interface Call {
  readonly name: string;
  readonly qualifier: string;
  readonly event: string;
}

/** Function Compute 3.0. */
async function invokeAlone(
  { name, qualifier, event }: Call,
  connection: Connection,
): Promise<InvocationResult> {
  const client = new (clientClass(FcPackage))(
    sdkConfig(connection, `${connection.owner}.${connection.region}.fc.aliyuncs.com`),
  );
  const { timeoutMilliseconds: patience } = connection;
  const reply = await doing(`invoking ${name}`, () =>
    client.invokeFunctionWithOptions(
      name,
      new Fc.InvokeFunctionRequest({ qualifier, body: Readable.from([Buffer.from(event)]) }),
      new Fc.InvokeFunctionHeaders({ xFcInvocationType: 'Sync' }),
      // Both are wanted: the connect time-out is applied to a socket's silence.
      new RuntimeOptions({ readTimeout: patience, connectTimeout: patience }),
    ),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of reply.body ?? []) chunks.push(Buffer.from(chunk));
  return resultOf(reply.headers?.['x-fc-error-type'], Buffer.concat(chunks).toString('utf8'));
}

/** Function Compute 2.0. */
async function invokeInService(
  { service, name, qualifier, event }: Call & { readonly service: string },
  connection: Connection,
): Promise<InvocationResult> {
  const { headers, data } = await doing(`invoking ${service}/${name}`, () =>
    fc2Client(connection).invokeFunction(service, name, event, {}, qualifier),
  );
  return resultOf(headers['x-fc-error-type'], typeof data === 'string' ? data : JSON.stringify(data));
}

const resultOf = (errorType: string | undefined, text: string): InvocationResult =>
  errorType === undefined ? { text } : { errorType, text };
