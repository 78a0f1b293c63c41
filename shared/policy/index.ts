/** The front door of the RAM policy language: parse, write, compile, decide. Pure; imports nothing of ours. */
export { assumeRoleDecision, authorize, type PolicySets } from './authorize.js';
export {
  type CompiledPolicies,
  type CompiledTrust,
  compilePolicies,
  compileTrust,
  type Evaluation,
  evaluate,
  evaluateTrust,
} from './evaluate.js';
export { globCovers, globMatches } from './glob.js';
export { MalformedPolicyError, parsePolicy, parseTrustPolicy } from './parse.js';
export type {
  AccessRequest,
  ConditionBlock,
  Decision,
  Effect,
  Entrant,
  EvaluationOptions,
  Match,
  NamedPolicy,
  PolicyDocument,
  PolicyScope,
  Principals,
  Statement,
  TrustDocument,
  TrustStatement,
  Verdict,
} from './types.js';
export { formatPolicy, formatTrustPolicy } from './write.js';
