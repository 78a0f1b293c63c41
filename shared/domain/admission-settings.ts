/** What an operator lets through, as configuration. */
import type { AccessLevel } from './grant.js';
import type { Region } from './values.js';

export interface AdmissionSettings {
  readonly maxLeaseSeconds: number;
  readonly maxGrants: number;
  /** Regions in which anything is granted. Unset: any. */
  readonly regions?: readonly Region[];
  /** Rule for what is granted at once; whatever it does not cover waits for an approver. */
  readonly autoApproval: AutoApprovalRule;
  /** Leasehold's own things, which no grant may reach. */
  readonly protectedNames: { readonly prefix: string; readonly buckets: readonly string[] };
}

export interface ApprovalSettings {
  /** Who may say yes or no; when there is nobody, what the rule does not cover is refused. Somebody with several keys is there several times. */
  readonly approvers: readonly Approver[];
  /** How long a question stays open. */
  readonly timeoutSeconds: number;
}

export interface Approver {
  /** As a person is known, such as an address; compared with a request's `requestedBy`. */
  readonly id: string;
  /** Public key as a JWK: EC P-256 or P-384, Ed25519, or RSA of at least 2,048 bits. */
  readonly key: Readonly<Record<string, unknown>>;
}

export interface AutoApprovalRule {
  /** Longest lease in seconds; 0 lets nothing through. */
  readonly maxLeaseSeconds: number;
  /** Unset: any. */
  readonly accessLevels?: readonly AccessLevel[];
  readonly services?: readonly string[];
  readonly granteeAccounts?: readonly string[];
  /** RFC 7638 thumbprints of keys that what is handed over may be sealed to: whoever asks names the key, and who holds its other half gets it. */
  readonly keyThumbprints?: readonly string[];
  /** Hosts of the addresses that events may be routed to; a bus is always the grantee's. */
  readonly targetHosts?: readonly string[];
  readonly allowSystemPolicies: boolean;
  /** Whether a product that forces a wider right than asked for is let through. */
  readonly allowUnavoidablyWider: boolean;
  /** Whether accounts in data planes and rules for events are let through, whose end depends on Leasehold running. */
  readonly allowEndsByController: boolean;
}

export const DEFAULT_ADMISSION: AdmissionSettings = {
  // Three years: longer contracts are renewed, so that somebody looks at them.
  maxLeaseSeconds: 3 * 366 * 86_400,
  maxGrants: 30,
  autoApproval: {
    maxLeaseSeconds: 0,
    allowSystemPolicies: false,
    allowUnavoidablyWider: false,
    allowEndsByController: false,
  },
  protectedNames: { prefix: 'leasehold', buckets: [] },
};
