/** What a product's file states about its grants. One file a product; `index.ts` picks by grant. */
import type { ApiCall } from '../domain/api-call.js';
import type { ResourceGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';

/** An Allow that a grant needs. Several with equal resources are merged when policies are written. */
export interface GrantStatement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** In plain words, why this reaches further than the request asked; the plan shows it and it is approved too. */
  readonly unavoidablyWider?: string;
}

/** One concrete right, for the policy engine: an action on a resource, with what the product looks at besides. */
export interface Right {
  readonly action: string;
  readonly resource: string;
}

/** A read call that must work once the grant is active, with the rights it proves. */
export interface PositiveProbe {
  readonly call: ApiCall;
  readonly proves: readonly Right[];
  /** What to ask for instead, should it be refused although it was granted. */
  readonly remedy?: string;
}

/**
 * How to find real things beside what was granted, and the calls on them that must be refused. `list` is run with the
 * verifier's own rights; a "not found" would prove nothing.
 */
export interface NeighbourSearch {
  readonly list: ApiCall;
  /** Reads the ids of things that exist from the reply of `list`. */
  readonly findIn: (reply: unknown) => readonly string[];
  /** Ids the grant covers: not neighbours. */
  readonly granted: readonly string[];
  readonly probe: (neighbourId: string) => PositiveProbe;
}

export type GrantIssueCode =
  | 'UNSUPPORTED_ACCESS'
  | 'BAD_NAME'
  | 'BAD_TARGET'
  | 'MISSING_RESOURCE'
  | 'NEEDS_DATA_PLANE'
  | 'NEEDS_CONTROLLER'
  | 'RESOURCE_GROUP_UNSUPPORTED'
  | 'USELESS_FIELD';
export interface GrantIssue {
  readonly code: GrantIssueCode;
  /** JSON pointer below the grant, such as `/topics/0`. */
  readonly pointer: string;
  readonly message: string;
}

export interface Product<G extends ResourceGrant> {
  /** Everything that makes the grant impossible, all at once; none when it can be honoured. */
  issuesOf(grant: G): readonly GrantIssue[];
  /** The Allow statements, least privilege, without window or source-IP conditions (the plan adds those). */
  statementsOf(grant: G, owner: AccountId): readonly GrantStatement[];
  /** Concrete rights the partner must end up with, for judging by the engine what no read call can show. */
  rightsOf(grant: G, owner: AccountId): readonly Right[];
  /** Concrete rights the partner must not have: neighbours by name, password and message reads, rules and targets. */
  refusedOf(grant: G, owner: AccountId): readonly Right[];
  probesOf(grant: G, owner: AccountId): readonly PositiveProbe[];
  neighboursOf(grant: G, owner: AccountId): readonly NeighbourSearch[];
  /** The instance, bus, load balancers, server groups and ECS instances to which anything may be done by it. */
  idsOf(grant: G): readonly string[];
  /** One line for a person: `subscribe to topics orders on RocketMQ 5.x instance rmq-cn-x (cn-hangzhou)`. */
  describe(grant: G): string;
}
