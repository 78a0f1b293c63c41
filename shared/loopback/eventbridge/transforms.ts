/** What a target is given of an event. Source: EventBridge "Event transformation"; details from the open-source sibling. */
import { textIn } from '../json-values.js';
import { isObject, type Json } from './events.js';

export type Form = 'ORIGINAL' | 'JSONPATH' | 'CONSTANT' | 'TEMPLATE';

export interface TargetParam {
  readonly ResourceKey: string;
  readonly Form: string;
  readonly Value?: string;
  readonly Template?: string;
}

/** Source: "Event transformation", lengths of value and template. */
const MAX_CHARACTERS = 10_240;

/** Why the parameter cannot be used; `undefined` when it can. */
export function paramProblem({ ResourceKey, Form, Value, Template }: TargetParam): string | undefined {
  if ((Value ?? '').length > MAX_CHARACTERS || (Template ?? '').length > MAX_CHARACTERS)
    return `${ResourceKey}: Value and Template have at most 10,240 characters`;
  switch (Form) {
    case 'ORIGINAL':
      return undefined;
    case 'CONSTANT':
      return (Value ?? '') === '' ? `${ResourceKey}: Value of a constant is missing` : undefined;
    case 'JSONPATH':
      return pathSteps(Value ?? '') === undefined
        ? `${ResourceKey}: Value must be a definite JSONPath, without wildcards or filters`
        : undefined;
    case 'TEMPLATE':
      if (templateValues(Value) === undefined)
        return `${ResourceKey}: Value of a template must be a JSON object of JSONPaths and constants`;
      return (Template ?? '') === '' ? `${ResourceKey}: Template is missing` : undefined;
    default:
      return `${ResourceKey}: the form ${textIn(Form).slice(0, 40)} is not known`;
  }
}

/** The parameter's value for `event`: JSON values for ORIGINAL and JSONPATH (null where the path leads nowhere), else text. */
export function transform({ Form, Value = '', Template = '' }: TargetParam, event: Json): unknown {
  switch (Form) {
    case 'ORIGINAL':
      return event;
    case 'JSONPATH':
      return valueAt(event, pathSteps(Value) ?? []) ?? null;
    case 'TEMPLATE':
      return fill(Template, templateValues(Value) ?? new Map(), event);
    default:
      return Value;
  }
}

/** A transformed value where text is due. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

type Step = string | number;
const PATH = /^\$(?:\.[^\s.[\]()'"*@?,:]+|\[\d{1,9}\]|\['[^']*'\]|\["[^"]*"\])*$/;
const STEP = /\.([^\s.[\]()'"*@?,:]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g;

/** `$`, `$.a.b`, `$.a[0]['b']` as the steps to walk; `undefined` for what is no definite path. */
function pathSteps(path: string): readonly Step[] | undefined {
  if (!PATH.test(path)) return undefined;
  return [...path.matchAll(STEP)].map(([, name, index, single, double]) =>
    index === undefined ? (name ?? single ?? double ?? '') : Number(index),
  );
}

/** Names lead into objects, numbers into lists. */
function valueAt(event: Json, steps: readonly Step[]): unknown {
  return steps.reduce<unknown>((value, step) => {
    if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined;
    return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, event);
}

/** By placeholder; each a definite path, or else a constant. */
function templateValues(value: string | undefined): ReadonlyMap<string, string> | undefined {
  try {
    const map: unknown = JSON.parse(value ?? '');
    const isMap = isObject(map) && Object.values(map).every((one) => one !== null && typeof one !== 'object');
    return isMap ? new Map(Object.entries(map).map(([name, one]) => [name, String(one)])) : undefined;
  } catch {
    return undefined;
  }
}

/** A path that leads nowhere leaves its placeholder as it is. Text goes in as it is: a template that is JSON must quote it. */
function fill(template: string, values: ReadonlyMap<string, string>, event: Json): string {
  return template.replace(/\$\{([^${}]+)\}/g, (placeholder, name: string) => {
    const source = values.get(name);
    if (source === undefined) return placeholder;
    const steps = pathSteps(source);
    if (steps === undefined) return source;
    const found = valueAt(event, steps);
    return found === undefined ? placeholder : asText(found);
  });
}
