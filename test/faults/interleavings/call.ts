/** What executions ask of the cloud, and what it answers. */
import { PartnerAccessError } from '../../../shared/domain/errors.js';
import type { SmallCloud } from '../../support/small-cloud/cloud.js';
import { type CloudPorts, portTo } from '../../support/small-cloud/ports.js';

/** A call of a port, or a wait for the execution's turn. */
export interface Call {
  readonly port: keyof CloudPorts | 'time';
  readonly method: string;
  readonly args: readonly unknown[];
}
/** `now`: what the clock showed then, epoch ms. */
export type Reply = { readonly now: number } & ({ readonly value: unknown } | { readonly error: unknown });
/** Does it. `later`: where time goes when it passes, epoch ms. What is no answer of the cloud's is thrown. */
export async function replyTo(
  cloud: SmallCloud,
  { port, method, args }: Call,
  later = cloud.now,
): Promise<Reply> {
  if (port === 'time') {
    cloud.now = later;
    return { now: later, value: undefined };
  }
  const methods = portTo(cloud, port) as unknown as Readonly<
    Record<string, (...args: readonly unknown[]) => Promise<unknown>>
  >;
  try {
    return { now: cloud.now, value: await methods[method]?.(...args) };
  } catch (error) {
    if (error instanceof PartnerAccessError) return { now: cloud.now, error };
    throw error;
  }
}

/** Whether it leaves the cloud as it is. */
export const isRead = ({ port, method }: Call): boolean =>
  port === 'products' ||
  port === 'sts' ||
  /^(observe|tagsOf|list|read|objects|attachmentsOf|holdersOf|policyVersions|policiesTagged)/.test(method);

export const nameOf = ({ method, args: [first, second] }: Call): string => {
  const about =
    typeof first === 'string' ? first : ((first as { readonly name?: string } | undefined)?.name ?? '');
  return `${method} ${about} ${(second as { readonly policy?: { readonly name: string } } | undefined)?.policy?.name ?? ''}`.trim();
};
