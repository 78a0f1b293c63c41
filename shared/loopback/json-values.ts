/** Values of JSON that somebody sent, as text and as numbers. An object may have a `toString` of its own that is none. */

/** As `String`, but of a list or an object its JSON. */
export const textIn = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/** As `Number`, but NaN of a list or an object. */
export const numberIn = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Number.NaN : Number(value);
