/** The execution was stopped from outside, or a sibling branch failed: nothing catches this. */
export class Halted extends Error {
  override readonly name = 'Halted';
}

/** Ends the work below it when set: an execution has one, and each Parallel and Map one of its own under that. */
export class Halt {
  #isSet = false;
  readonly #listeners = new Set<() => void>();

  get isSet(): boolean {
    return this.#isSet;
  }

  set(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** Calls `listener` once, soon if already set. The function returned takes it away again. */
  onSet(listener: () => void): () => void {
    if (this.#isSet) queueMicrotask(listener);
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
