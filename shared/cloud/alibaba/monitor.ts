/** Calls of CloudMonitor, which has no package of its own here. */
import type { Connection } from './connection.js';
import { doing } from './failures.js';
import { callOpenApi } from './open-api.js';

/** `what` is told of a failure. */
export const callMonitor = (
  connection: Connection,
  what: string,
  action: string,
  query: Readonly<Record<string, string>>,
): Promise<unknown> =>
  doing(what, () =>
    callOpenApi(connection, {
      product: 'Cms',
      version: '2019-01-01',
      region: connection.region,
      action,
      query,
    }),
  );
