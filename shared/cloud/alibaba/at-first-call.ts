/** Adapters loaded at their first call: an SDK costs milliseconds of every cold start, also of one that never calls it. */

/** What can be called late without anybody noticing: every method gives a promise anyway. */
type Calls<Port> = { readonly [Method in keyof Port]: (...given: never[]) => Promise<unknown> };

/** `Port` in front of an adapter that `load` makes once, at the first call of any of its methods. */
export function atFirstCall<Port extends Calls<Port>>(load: () => Promise<Port>): Port {
  let adapter: Promise<Port> | undefined;
  const call =
    (method: keyof Port) =>
    async (...given: never[]) => {
      adapter ??= load();
      return (await adapter)[method](...given);
    };
  // No port has a method `then`: with one, awaiting the port itself would call it.
  return new Proxy({} as Port, {
    get: (_, method) => (method === 'then' ? undefined : call(method as keyof Port)),
  });
}
