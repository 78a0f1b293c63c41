import type { Grant } from '../../shared/domain/grant.js';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { parseAccountId, parseContractId, parseInstant, parseRegion } from '../../shared/domain/values.js';

export const OWNER = parseAccountId('1000000000000001');
export const PARTNER = parseAccountId('2000000000000002');
export const REGION = parseRegion('cn-hangzhou');
export const NOW = parseInstant('2026-12-01T08:00:00Z');

export const kafkaGrant: Grant = {
  service: 'kafka',
  access: 'read',
  region: REGION,
  instanceId: 'alikafka_pre-cn-x1',
};

/** Within a resource group, which a world has when its seed is made for this. */
export const groupedGrant = {
  service: 'kafka',
  access: 'read',
  region: REGION,
  instanceId: 'alikafka_pre-cn-g1',
  resourceGroupId: 'rg-partners',
} as const satisfies Grant;

/** A valid request; a test names only what matters to it. */
export const request = (changes: Partial<OnboardingRequest> = {}): OnboardingRequest => ({
  contractId: parseContractId('C-2026-0142'),
  requestedBy: 'contracts@a.example',
  grantee: { name: 'Globex', accountId: PARTNER, accessors: [], setup: { mode: 'self-service' } },
  lease: { startsAt: parseInstant('2026-12-01T00:00:00Z'), expiresAt: parseInstant('2027-06-01T00:00:00Z') },
  grants: [kafkaGrant],
  restrict: {},
  ...changes,
});

/** The request as the event that carries it. */
export const eventOf = (data: object, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'evt-1',
  source: 'contracts.a.example',
  specversion: '1.0',
  type: 'partner.onboarding.requested',
  subject: 'C-2026-0142',
  data,
  ...changes,
});
