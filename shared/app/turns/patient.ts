/** Ports whose calls to RAM are made again a little later when they are throttled: for those whose turn it is. */
import type { Ports, RamPort } from '../../cloud/ports.js';
import { isThrottled } from '../../domain/errors.js';

const TRIES = 20;
const PAUSE_SECONDS = 1;

export function patient(ports: Ports): Ports {
  const again =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await call(...args);
        } catch (error) {
          if (!isThrottled(error) || tried === TRIES) throw error;
          await ports.clock.sleep(PAUSE_SECONDS);
        }
      }
    };
  const { ram } = ports;
  return {
    ...ports,
    ram: new Proxy(ram, {
      get: (target, name: keyof RamPort) =>
        again((target[name] as (...args: readonly unknown[]) => Promise<unknown>).bind(target)),
    }),
  };
}
