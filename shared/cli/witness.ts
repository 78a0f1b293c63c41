/** How an operator looks into lease roles, which trust none but Leasehold's verifier roles. */
import type { Connection } from '../cloud/alibaba/connection.js';
import type { Ports } from '../cloud/ports.js';

/** The shortest session STS gives is longer than one end takes. */
const SESSION_SECONDS = 900;

/**
 * `ports` whose sessions of lease roles are opened by way of `roleArn`, a verifier role that trusts the operator too.
 * Where it does not let him in, `ports` as they are: an end never waits for its witness.
 */
export async function byWayOf(roleArn: string, ports: Ports, connection: Connection): Promise<Ports> {
  const opened = await ports.sts.assume({
    roleArn,
    sessionName: 'leasehold-operator',
    seconds: SESSION_SECONDS,
  });
  if (opened.outcome === 'opened') {
    const { makeStsPort } = await import('../cloud/alibaba/sts.js');
    return { ...ports, sts: makeStsPort({ ...connection, credentials: opened.session }) };
  }
  ports.log.warn({ roleArn, code: opened.code }, 'the witness role does not let you in');
  return ports;
}
