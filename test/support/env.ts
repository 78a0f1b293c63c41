/** The least that a configuration takes. */
export const ENV = {
  LEASEHOLD_REGION: 'cn-hangzhou',
  LEASEHOLD_ACCOUNT: '1000000000000001',
  LEASEHOLD_PREFIX: 'leasehold',
  LEASEHOLD_EVIDENCE_BUCKET: 'evidence',
  LEASEHOLD_INDEX_BUCKET: 'index',
  LEASEHOLD_AUTO_APPROVAL: '{"maxLeaseSeconds":3600}',
} as const;
