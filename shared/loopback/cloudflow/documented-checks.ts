/** Expressions of a definition that say what no page does; see `Readings.undocumentedExpressions`. */
import { textIn } from '../json-values.js';
import type { Definition, Scope, State } from './definition.js';
import { undocumentedIn } from './expressions.js';

/** Of definitions, which are read once. */
const known = new WeakMap<Definition, readonly string[]>();

/** Why `definition` cannot be taken by whoever reads no more into the pages than they say; empty when it can. */
export function undocumentedProblems(definition: Definition): readonly string[] {
  const problems = known.get(definition) ?? inScope(definition);
  known.set(definition, problems);
  return problems;
}

const inScope = ({ States }: Scope): readonly string[] => States.flatMap(inState);

function inState(state: State): readonly string[] {
  const isChoice = state.Type === 'Choice';
  const conditions = isChoice ? state.Branches.map(({ Condition }) => Condition) : [];
  const { InputConstructor, OutputConstructor, GlobalConstructor, Catch = [] } = state;
  const templates = [
    ...[InputConstructor, OutputConstructor, GlobalConstructor],
    ...Catch.map((rule) => rule.OutputConstructor),
    ...(state.Type === 'Task' ? [state.Parameters, { 'Timeout.$': state['Timeout.$'] }] : []),
    ...(state.Type === 'Wait' ? [{ 'Seconds.$': state['Seconds.$'] }] : []),
    ...(state.Type === 'Map' ? [{ 'ItemsPath.$': state.ItemsPath }] : []),
  ];
  const found = [
    ...templates.flatMap(expressionsIn).map((text) => ({ text, what: undocumentedIn(text, false) })),
    ...conditions.map(textIn).map((text) => ({ text, what: undocumentedIn(text, true) })),
  ];
  return [
    ...found
      .filter(({ what }) => what.length > 0)
      .map(
        ({ text, what }) => `state ${state.Name}: "${text}" has ${what.join(', ')}, which no page documents`,
      ),
    ...(state.Type === 'Parallel' ? state.Branches.flatMap(inScope) : []),
    ...(state.Type === 'Map' ? inScope(state.Processor) : []),
  ];
}

/** The expressions under keys that end in `.$`, however deep. */
function expressionsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    if (!key.endsWith('.$')) return expressionsIn(child);
    return child === undefined ? [] : [textIn(child)];
  });
}
