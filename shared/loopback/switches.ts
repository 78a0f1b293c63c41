/** Behaviours that the vendor does not document; each README row says which reading is the default and why. */
export interface Switches {
  /** Verdict of a negative operator when the key is missing from the request. Cautious default: false (no match). */
  readonly negativeOperatorMatchesMissingKey: boolean;
  /**
   * Whether `*` in the resource of a policy passes over the colons between the parts of an ARN. Every published example reads the same
   * either way. Default true.
   */
  readonly starsCrossColons: boolean;
  /**
   * Whether a product looks for what a call names before it asks RAM: then who may not know hears that it is not there. No page says
   * which comes first. Default false.
   */
  readonly missingBeforeDenied: boolean;
  /**
   * Whether RAM and IMS take names of users that differ in case alone for one user. Of roles and policies they seem to; of users no
   * page says it. Default false. A trust policy names users exactly in either case.
   */
  readonly userNamesIgnoreCase: boolean;
  /**
   * Whether a trust policy may deny. The evaluation's page speaks of denials in policies of resources, the vendor's Terraform provider
   * takes none in a role's. Default false: what is refused here can be relied on nowhere.
   */
  readonly trustMayDeny: boolean;
  /**
   * Whether a user or role that a trust policy names is who had the name when the policy was written, so that one made again under it
   * is a stranger. Default false: the name is what counts.
   */
  readonly trustBindsIds: boolean;
  /** Whether an edit of the trust policy ends live sessions. Default false. */
  readonly trustEditEndsSessions: boolean;
  /** Seconds after which a write to RAM is seen by evaluation and reads. Default 0. */
  readonly propagationSeconds: number;
  /**
   * Seconds for which a listing of objects lacks one that was just put. Operations on objects are documented as strongly consistent,
   * of listings no page says so. Default 0.
   */
  readonly listingDelaySeconds: number;
  /**
   * Whether OSS denies an object that is not there to who may read and not list, as other stores of its kind do: its pages say it
   * neither way. Default true, so that whoever tells by such an answer what is there needs the right to list.
   */
  readonly hidesMissingObjects: boolean;
  /** Whether ETags of objects are something else than the MD5 of their content, as where the store encrypts them. Default false. */
  readonly hasOpaqueETags: boolean;
  /**
   * Whether OSS hands out no data at its public endpoints in the Chinese mainland, as to whoever began to use it on 2025-03-20 or
   * later. Documented, and a matter of the account: default false.
   */
  readonly refusesPublicData: boolean;
  /** Roles and custom policies that an account may have; the vendor raises both on request. Defaults 1,000 and 1,500. */
  readonly roleQuota: number;
  readonly policyQuota: number;
}
