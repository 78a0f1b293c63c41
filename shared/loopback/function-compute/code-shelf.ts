/** Where code packages are fetched from: an address that anyone who was given it may read, for a while, as of a signed OSS address. */
import { randomBytes } from 'node:crypto';
import type { Cloud, HttpReply, HttpRequest, HttpService } from '../kernel.js';

/** Host milliseconds for which an address is good; the service does not document its own. */
const GOOD_FOR = 10 * 60_000;
const ADDRESS = /^\/code-packages\/([0-9a-f]{32})$/;

export class CodeShelf {
  readonly #lent = new Map<string, { readonly bytes: Buffer; readonly until: number }>();

  constructor(private readonly cloud: Pick<Cloud, 'origin'>) {}

  /** The address at which `bytes` can be read. */
  lend(bytes: Buffer): string {
    const now = Date.now();
    for (const [ticket, { until }] of this.#lent) if (until < now) this.#lent.delete(ticket);
    const ticket = randomBytes(16).toString('hex');
    this.#lent.set(ticket, { bytes, until: now + GOOD_FOR });
    return `${this.cloud.origin()}/code-packages/${ticket}`;
  }

  readonly http: HttpService = {
    product: 'fc-code',
    operations: ['GetCodePackage'],
    accepts: ({ path }) => ADDRESS.test(path),
    actionOf: () => 'GetCodePackage',
    handle: async (request) => this.#handOut(request),
  };

  #handOut({ method, path }: HttpRequest): HttpReply {
    const lent = this.#lent.get(ADDRESS.exec(path)?.[1] ?? '');
    if (method !== 'GET' || lent === undefined || lent.until < Date.now()) return { status: 403 };
    return { status: 200, headers: { 'content-type': 'application/zip' }, body: lent.bytes };
  }
}
