/** A read call as the partner makes it, in one word. */
import { makeProductPort } from '../../cloud/alibaba/products.js';
import type { Session } from '../../cloud/ports.js';
import type { ApiCall } from '../../domain/api-call.js';
import type { Embedded } from './start.js';

/** `allowed`, `denied` or `not-found`; what else goes wrong is told as it is. */
export function askerOf(embedded: Embedded): (call: ApiCall, session: Session) => Promise<string> {
  const port = makeProductPort(embedded.connectionOf(embedded.root));
  return async (call, session) => {
    try {
      return (await port.call(call, session)).outcome;
    } catch (error) {
      // A dead token is refused before RAM is asked; after an end that is as good as a denial, before it it is not expected.
      return error instanceof Error && error.name === 'DeniedError' ? 'denied' : String(error);
    }
  };
}
