/** Pieces of one state that run at the same time: branches, iterations. */
import { Halt } from './halt.js';

/** Runs `count` pieces, `concurrency` at once; the first failure halts the others and is the failure of all. */
export async function together<T>(
  count: number,
  parent: Halt,
  piece: (index: number, halt: Halt) => Promise<T>,
  concurrency: number,
): Promise<readonly T[]> {
  const halt = new Halt();
  const unbind = parent.onSet(() => halt.set());
  const outputs: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) outputs[index] = await piece(index, halt);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker));
    return outputs;
  } catch (error) {
    halt.set();
    throw error;
  } finally {
    unbind();
  }
}
