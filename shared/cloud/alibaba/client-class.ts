/**
 * The client class of a CommonJS SDK package: native ESM wraps it once more under `default`, a bundle does not.
 * Source: facts of the packages' `exports`, seen with Node.js 20.
 */
export function clientClass<C>(imported: C | { readonly default: C }): C {
  return typeof imported === 'function' ? (imported as C) : (imported as { readonly default: C }).default;
}
