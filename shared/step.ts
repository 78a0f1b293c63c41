/** What every function does around its work: its call taken apart, its ports, and one line in the log for how it went. */
import { parseCall } from './app/inbound/step-call.js';
import { requestIdOf } from './cloud/alibaba/failures.js';
import type { Ports } from './cloud/ports.js';
import { composePorts, type FunctionContext } from './compose.js';
import { nameOfError } from './domain/errors.js';

type Handler<Output> = (event: Buffer, context: FunctionContext) => Promise<Output>;

/** The whole input, for work that reads it itself: events come from outside. */
export const textOf = (input: Buffer): string => input.toString('utf8');

/** A handler that does `work` on what `parse` makes of the input. Each line of its log says which contract, event and execution it is about. */
export const step =
  <Input, Output>(
    parse: (input: Buffer) => Input,
    work: (input: Input, ports: Ports) => Promise<Output>,
  ): Handler<Output> =>
  async (event, context) => {
    const { input, about } = parseCall(event);
    const ports = composePorts(context, about);
    const begun = ports.clock.ticks();
    const durationMs = () => Math.round(ports.clock.ticks() - begun);
    try {
      const output = await work(parse(input), ports);
      ports.log.info({ durationMs: durationMs() }, 'done');
      return output;
    } catch (error) {
      const cloudRequestId = requestIdOf(error);
      ports.log.warn({ durationMs: durationMs(), error: nameOfError(error), cloudRequestId }, 'failed');
      throw error;
    }
  };
