/** The one role of a grantee's that Leasehold may enter: its name is fixed, so that our own function role can be let into nothing else. */
export const PROVISIONING_ROLE = 'leasehold-provisioning';
