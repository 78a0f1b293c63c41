/** What a target is given of an event. Source: EventBridge "Event transformation". */

type Json = Readonly<Record<string, unknown>>;

export interface TargetParam {
  readonly ResourceKey: string;
  readonly Form: string;
  readonly Value?: string;
  readonly Template?: string;
}

/** Source: "Event transformation", lengths of value and template. */
const MAX_CHARACTERS = 10_240;
export const FORMS: ReadonlySet<string> = new Set(['ORIGINAL', 'JSONPATH', 'CONSTANT', 'TEMPLATE']);

/** Why the parameter cannot be used; `undefined` when it can. */
export function paramProblem({ ResourceKey, Form, Value, Template }: TargetParam): string | undefined {
  if (typeof ResourceKey !== 'string' || !FORMS.has(Form)) return 'ParamList has an unknown Form';
  if ((Value ?? '').length > MAX_CHARACTERS || (Template ?? '').length > MAX_CHARACTERS)
    return `${ResourceKey}: Value and Template have at most 10,240 characters`;
  if (Form === 'TEMPLATE' && templateValues(Value) === undefined)
    return `${ResourceKey}: Value of a template must be a JSON object of strings`;
  return Form === 'JSONPATH' && steps(Value ?? '') === undefined
    ? `${ResourceKey}: only definite paths are supported`
    : undefined;
}

/** The parameter's value for `event`: JSON values for ORIGINAL and JSONPATH, text otherwise. */
export function transform({ Form, Value = '', Template = '' }: TargetParam, event: Json): unknown {
  switch (Form) {
    case 'ORIGINAL':
      return event;
    case 'JSONPATH':
      return at(event, Value) ?? null;
    case 'TEMPLATE':
      return fill(Template, templateValues(Value) ?? {}, event);
    default:
      return Value;
  }
}

/** A transformed value where text is due. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `$`, `$.a.b`, `$.a[0]['b']` as the names to walk; `undefined` for what is no definite path. */
function steps(path: string): readonly string[] | undefined {
  if (!/^\$(\.[\w-]+|\[\d+\]|\['[^']+'\])*$/.test(path)) return undefined;
  return [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted ?? '',
  );
}

function at(event: Json, path: string): unknown {
  return (steps(path) ?? []).reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Json)[name]
        : undefined,
    event,
  );
}

function templateValues(value: string | undefined): Readonly<Record<string, string>> | undefined {
  try {
    const map: unknown = JSON.parse(value ?? '{}');
    const isMap =
      typeof map === 'object' &&
      map !== null &&
      !Array.isArray(map) &&
      Object.values(map).every((one) => typeof one === 'string');
    return isMap ? (map as Readonly<Record<string, string>>) : undefined;
  } catch {
    return undefined;
  }
}

/** A path that leads nowhere leaves its placeholder as it is. */
function fill(template: string, values: Readonly<Record<string, string>>, event: Json): string {
  return template.replace(/\$\{([\w-]+)\}/g, (placeholder, name: string) => {
    const source = Object.hasOwn(values, name) ? values[name] : undefined;
    if (source === undefined) return placeholder;
    if (!source.startsWith('$')) return source;
    const found = at(event, source);
    return found === undefined ? placeholder : asText(found);
  });
}
