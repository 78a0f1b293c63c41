/** Ten custom policies fit on a role, adjustable; two places are kept for the stops. Source: RAM "Limits". */
export const MAX_POLICIES = 8;
