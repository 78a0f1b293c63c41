/** Trust policies: who may enter a contract's role, and how. Pure. */

import type { OnboardingRequest } from '../../domain/request.js';
import { formatTrustPolicy, type TrustStatement } from '../../policy/index.js';
import type { AccessPlan } from './plan-access.js';

/** One way in, one statement. */
export interface WayIn {
  /** `acs:ram::<uid>:root`, `…:user/<name>` or `…:role/<name>`. */
  readonly principal: string;
  readonly via: 'api' | 'console' | 'console and api';
  /** `external-id`: sent with AssumeRole. `mfa`: a console logon with MFA. `none`: the trust names the user and asks nothing more. */
  readonly proof: 'external-id' | 'mfa' | 'none';
}

/** Our own roles that look in, with an ExternalId of their own. */
export interface Verifier {
  readonly roleArns: readonly string[];
  readonly externalId: string;
}

/** No accessors: everybody whom the partner's account lets, by API with ExternalId. A console switch can send no ExternalId. */
export function waysIn({ grantee }: OnboardingRequest): readonly WayIn[] {
  const arn = (relative: string) => `acs:ram::${grantee.accountId}:${relative}`;
  if (grantee.accessors.length === 0) return [{ principal: arn('root'), via: 'api', proof: 'external-id' }];
  return grantee.accessors.map(({ type, name, via, requireMfa }): WayIn => {
    const principal = arn(`${type}/${name}`);
    if (via === 'api') return { principal, via: 'api', proof: 'external-id' };
    // A console switch sends no ExternalId, so without MFA, which no AccessKey call carries, the statement serves both.
    return requireMfa === false
      ? { principal, via: 'console and api', proof: 'none' }
      : { principal, via: 'console', proof: 'mfa' };
  });
}

const CONDITIONS = {
  'external-id': (externalId: string) => ({ StringEquals: { 'sts:ExternalId': [externalId] } }),
  mfa: () => ({ Bool: { 'acs:MFAPresent': ['true'] } }),
  none: () => undefined,
} as const;

function statement(ram: readonly string[], condition: TrustStatement['condition']): TrustStatement {
  return {
    effect: 'Allow',
    actions: ['sts:AssumeRole'],
    principals: { ram, service: [], federated: [] },
    ...(condition === undefined ? {} : { condition }),
  };
}

const verifierStatement = ({ roleArns, externalId }: Verifier): TrustStatement =>
  statement(roleArns, CONDITIONS['external-id'](externalId));

/** The role while it is built and while it is taken down: only our verifier can enter. */
export const closedTrust = (verifier: Verifier): string =>
  formatTrustPolicy({ version: '1', statements: [verifierStatement(verifier)] });

/** The role as handed over. No window stands in it: which keys RAM fills in a trust policy is documented for few. */
export function openTrust(plan: Pick<AccessPlan, 'waysIn'>, externalId: string, verifier: Verifier): string {
  const partner = plan.waysIn.map((way) => statement([way.principal], CONDITIONS[way.proof](externalId)));
  return formatTrustPolicy({ version: '1', statements: [...partner, verifierStatement(verifier)] });
}
