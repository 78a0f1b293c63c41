/** Who asks, and by which clock. */
import StsPackage from '@alicloud/sts20150401';
import type { DeployedAround } from '../../../domain/deployed.js';
import { TryLaterError } from '../../../domain/errors.js';
import { type Connection, clientClass, sdkConfig } from '../connection.js';
import { codeOf, doing } from '../failures.js';
import { look } from './look.js';

export async function deployedAround(connection: Connection): Promise<DeployedAround> {
  const host = `sts.${connection.region}.aliyuncs.com`;
  const client = new (clientClass(StsPackage))(sdkConfig(connection, host));
  const [caller, clockAheadSeconds] = await Promise.all([
    look(async () => {
      const { body } = await doing('asking who we are', () => client.getCallerIdentity());
      return { account: body?.accountId ?? '', arn: body?.arn ?? '' };
    }),
    look(() => clockAhead(connection, host)),
  ]);
  return { caller, clockAheadSeconds };
}

/** By the `Date` that every HTTP answer carries, also a refusal: a clock that is off has all signed calls refused. */
const clockAhead = ({ endpoint, timeoutMilliseconds }: Connection, host: string): Promise<number> =>
  doing("reading the cloud's clock", async () => {
    const url = endpoint === undefined ? `https://${host}/` : `http://${endpoint}/`;
    const reply = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    }).catch((error: unknown) => {
      // A port that browsers block, such as 6000, has no code of its own.
      if (error instanceof TypeError && codeOf(error.cause) === '')
        throw new TryLaterError('UNAVAILABLE', "reading the cloud's clock", { cause: error });
      throw error;
    });
    await reply.body?.cancel();
    const there = Date.parse(reply.headers.get('date') ?? '');
    if (Number.isNaN(there)) throw new TryLaterError('UNAVAILABLE', 'the answer carries no date');
    return Math.round((Date.now() - there) / 1000);
  });
