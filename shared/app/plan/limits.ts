/** What fits on one role. */

/** Ten custom policies fit on a role, adjustable; two places are kept for the stops. Source: RAM "Limits". */
export const MAX_POLICIES = 8;
/** Of the vendor's own policies twenty do, adjustable. Source: RAM "Limits". */
export const MAX_SYSTEM_POLICIES = 20;
