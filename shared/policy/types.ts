/** The RAM policy language as data. See `parse.ts` for what is accepted and `evaluate.ts` for what it means. */

export type Effect = 'Allow' | 'Deny';

/** Operator → condition key → values. Values of one key are ORed; keys and operators are ANDed. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface Statement {
  readonly effect: Effect;
  /** Exactly one of the two is set. */
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: ConditionBlock;
}

export interface PolicyDocument {
  readonly version: '1';
  readonly statements: readonly Statement[];
}

export interface Principals {
  readonly ram: readonly string[];
  readonly service: readonly string[];
  readonly federated: readonly string[];
}

export interface TrustStatement {
  readonly effect: Effect;
  readonly actions: readonly string[];
  readonly principals: Principals;
  readonly condition?: ConditionBlock;
}

export interface TrustDocument {
  readonly version: '1';
  readonly statements: readonly TrustStatement[];
}

/** A policy under the name a decision should cite. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** What is asked. A context key that the request does not carry is left out, never set to ''. */
export interface AccessRequest {
  /** `<ram-code>:<Action>`; compared without regard to case. */
  readonly action: string;
  /** Full ARN, region empty for global services, or `*` for an action that names no resource. */
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** Who stands at a role's door. `name` is the RAM user or role name; a root principal of the account admits both. */
export type Entrant =
  | { readonly kind: 'user'; readonly accountId: string; readonly name: string }
  | { readonly kind: 'role'; readonly accountId: string; readonly name: string }
  | { readonly kind: 'service'; readonly name: string };

export type Verdict = 'ExplicitDeny' | 'Allow' | 'ImplicitDeny';

/** Where the deciding policy was attached. */
export type PolicyScope =
  | 'SessionPolicy'
  | 'AccountLevelIdentityBasedPolicy'
  | 'ResourceGroupLevelIdentityBasedPolicy'
  | 'AssumeRolePolicy';

/** The statement that decided: `statement` counts from 0 within the policy `policy`. */
export interface Match {
  readonly policy: string;
  readonly statement: number;
}

export type Decision =
  | { readonly effect: 'allow'; readonly scope: PolicyScope; readonly match: Match }
  | {
      readonly effect: 'deny';
      readonly scope: PolicyScope;
      readonly reason: 'ExplicitDeny' | 'ImplicitDeny';
      /** Absent when no statement matched. */
      readonly match?: Match;
    };

export interface EvaluationOptions {
  /** Undocumented: whether `StringNotEquals` and its kind match when the key is absent. Default false. */
  readonly negativeOperatorMatchesMissingKey?: boolean;
  /** Undocumented: whether `*` in a resource passes over the colons between the parts of an ARN. Default true. */
  readonly starsCrossColons?: boolean;
}
