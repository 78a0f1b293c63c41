/** SDK clients whose writes are noted by their request ids, whichever method makes them. */
import type { Trail } from '../trail.js';

/** What methods that change something begin with, in the SDKs that Leasehold writes with. */
const WRITES = /^(?:add|attach|create|delete|detach|disable|remove|set|tag|untag|update)[A-Z]/;

/** `client`, noting every reply to a write as `<product>:<Action>`. */
export function noting<C extends object>(client: C, product: string, trail: Pick<Trail, 'note'>): C {
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (typeof name !== 'string' || !WRITES.test(name)) return member.bind(target);
      const action = `${product}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      return async (...parameters: readonly unknown[]) => {
        const reply = await member.apply(target, parameters);
        trail.note(action, reply?.body);
        return reply;
      };
    },
  });
}
