/** Which of our rights a run of Leasehold in the embedded cloud needed. */
import type { RoleToDeploy } from '../../../shared/domain/deployment.js';
import type { Caller } from '../../../shared/loopback/kernel.js';
import { authorize, compilePolicies, parsePolicy } from '../../../shared/policy/index.js';
import type { World } from '../world.js';

export interface Asked {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}
export interface RawStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

export interface Watched {
  /** What sessions of our own roles asked for and were allowed, each once. */
  readonly asked: ReadonlyMap<string, Asked>;
  /** The last session of each of them. */
  readonly callers: ReadonlyMap<string, Caller>;
  stop(): void;
}

export function watchRights(world: World): Watched {
  const [asked, callers] = [new Map<string, Asked>(), new Map<string, Caller>()];
  const { prefix } = world.cloud.deployment.values;
  const stop = world.cloud.cloud.identity.watch(({ caller, request: { action, resource }, decision }) => {
    const role = caller.roleName ?? '';
    if (!role.startsWith(`${prefix}-fn-`) || decision.effect === 'deny') return;
    callers.set(role, caller);
    asked.set(`${role} ${action} ${resource}`, { role, action, resource });
  });
  return { asked, callers, stop };
}

export const statementsOf = ({ document }: RoleToDeploy): readonly RawStatement[] =>
  (JSON.parse(document) as { readonly Statement: readonly RawStatement[] }).Statement;

export const documentWith = (statements: readonly RawStatement[]): string =>
  JSON.stringify({ Version: '1', Statement: statements });

/** None of ours has a condition. */
function makeJudge(statements: readonly RawStatement[]): (asked: Asked) => boolean {
  if (statements.length === 0) return () => false;
  const policies = compilePolicies([{ name: 'p', document: parsePolicy(documentWith(statements)) }]);
  return ({ action, resource }) =>
    authorize({ action, resource, context: {} }, { accountLevel: policies }).effect === 'allow';
}

/** Whether these statements, attached to the caller, allow it. */
export const allowedBy = (statements: readonly RawStatement[], asked: Asked): boolean =>
  makeJudge(statements)(asked);

/** One thing less: a statement's action, or one of several resources. */
export interface Part {
  readonly statement: number;
  readonly what: string;
  readonly rest: readonly RawStatement[];
}

/** Everything that could be taken from a role's Allow statements alone. */
export const partsOf = (statements: readonly RawStatement[]): readonly Part[] =>
  statements.flatMap((one, statement) => {
    if (one.Effect === 'Deny') return [];
    const without = (key: 'Action' | 'Resource', what: string): Part => {
      const less = { ...one, [key]: one[key].filter((other) => other !== what) };
      const rest = statements.flatMap((other, index) =>
        index !== statement ? [other] : less[key].length === 0 ? [] : [less],
      );
      return { statement, what, rest };
    };
    return [
      ...one.Action.map((action) => without('Action', action)),
      ...(one.Resource.length === 1 ? [] : one.Resource.map((resource) => without('Resource', resource))),
    ];
  });

/** The parts that nothing of what was asked needs: with them gone, all is still allowed. */
export function superfluousIn(role: RoleToDeploy, asked: Iterable<Asked>): readonly string[] {
  const own = [...asked].filter((one) => one.role === role.name);
  return partsOf(statementsOf(role))
    .filter(({ rest }) => own.every(makeJudge(rest)))
    .map(({ statement, what }) => `${role.name}, statement ${statement}: ${what}`);
}
