/**
 * A port whose calls are made again a little later when they are throttled: for who has nothing better to do than to wait. What is
 * throttled all the while is thrown as `lasting` has it.
 */
import type { ClockPort } from '../cloud/ports.js';
import { isThrottled } from '../domain/errors.js';

const TRIES = 20;
const PAUSE_SECONDS = 1;

/** The rates of RAM are counted by the second, so a throttled call works in one of the next, unless others take it up as well. */
export function patiently<P extends object>(
  port: P,
  clock: Pick<ClockPort, 'sleep'>,
  lasting: (error: unknown) => unknown = (error) => error,
): P {
  const again =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await call(...args);
        } catch (error) {
          if (!isThrottled(error)) throw error;
          if (tried === TRIES) throw lasting(error);
          await clock.sleep(PAUSE_SECONDS);
        }
      }
    };
  return new Proxy(port, {
    get: (target, name) => {
      const call = target[name as keyof P] as unknown;
      return typeof call === 'function' ? again(call.bind(target)) : call;
    },
  });
}
