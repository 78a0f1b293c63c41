/** Writes documents as compact JSON, lists of one as bare strings: every character counts towards 6,144. */
import type { ConditionBlock, PolicyDocument, Statement, TrustDocument, TrustStatement } from './types.js';

const short = (list: readonly string[]): string | readonly string[] =>
  list.length === 1 ? (list[0] ?? '') : list;

const conditionOf = (condition: ConditionBlock | undefined): object =>
  condition === undefined || Object.keys(condition).length === 0
    ? {}
    : {
        Condition: Object.fromEntries(
          Object.entries(condition).map(([operator, keys]) => [
            operator,
            Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, short(values)])),
          ]),
        ),
      };

const statementOf = (statement: Statement): object => ({
  Effect: statement.effect,
  ...(statement.actions === undefined
    ? { NotAction: short(statement.notActions ?? []) }
    : { Action: short(statement.actions) }),
  Resource: short(statement.resources),
  ...conditionOf(statement.condition),
});

const trustStatementOf = ({ effect, actions, principals, condition }: TrustStatement): object => ({
  Effect: effect,
  Action: short(actions),
  Principal: {
    ...(principals.ram.length > 0 ? { RAM: short(principals.ram) } : {}),
    ...(principals.service.length > 0 ? { Service: short(principals.service) } : {}),
    ...(principals.federated.length > 0 ? { Federated: short(principals.federated) } : {}),
  },
  ...conditionOf(condition),
});

/** The document as `parsePolicy` reads it back. */
export const formatPolicy = (document: PolicyDocument): string =>
  JSON.stringify({ Version: '1', Statement: document.statements.map(statementOf) });

/** The document as `parseTrustPolicy` reads it back. */
export const formatTrustPolicy = (document: TrustDocument): string =>
  JSON.stringify({ Version: '1', Statement: document.statements.map(trustStatementOf) });
