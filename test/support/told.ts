/** Holds what is told to what `shared/schemas/outbound/` says of it, member by member. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

interface Told {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}
interface Kind {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly allOf?: unknown;
}
interface Schema {
  readonly properties: { readonly type: { readonly enum: readonly string[] } };
  readonly definitions: Readonly<Record<string, Kind>>;
}

const schema: Schema = JSON.parse(readFileSync('shared/schemas/outbound/outbound.schema.json', 'utf8'));
const validate = new Ajv({ allErrors: true }).compile(schema);

export const TOLD_TYPES = schema.properties.type.enum;

/** How `event` differs from the schema; a member of its data that the schema does not name is a difference too. */
export function untoldOf({ type, data, ...event }: Told): readonly string[] {
  validate({ type, data, ...event });
  const wrong = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  const known = membersOf(type.replace(/^partner\./, ''));
  const unknown = Object.keys(data).filter((name) => !known.has(name));
  return [...wrong, ...unknown.map((name) => `/data/${name} is in no schema`)];
}

/** @throws {Error} naming the first of `events` that is not as its schema says, and how */
export function holdToSchema(events: readonly Told[]): void {
  for (const event of events) {
    const untold = untoldOf(event);
    if (untold.length > 0) throw new Error(`${event.type} is not as its schema says: ${untold.join('; ')}`);
  }
}

function membersOf(kind: string): ReadonlySet<string> {
  const { definitions } = schema;
  const { properties = {}, allOf } = definitions[kind] ?? {};
  const handOver = allOf === undefined ? {} : (definitions['handOver']?.properties ?? {});
  return new Set(['notTold', ...Object.keys(properties), ...Object.keys(handOver)]);
}
