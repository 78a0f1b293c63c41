import { LONGEST_UNASKED } from './history.js';

/** All that a partner need know of Leasehold: who may what, and when. */
export interface Terms {
  readonly rights: readonly string[];
  /** Epoch ms. */
  readonly startsAt: number;
  readonly expiresAt: number;
}
interface Known extends Terms {
  readonly suspensions: readonly string[];
  readonly isOver: boolean;
}
const NOTHING: Terms = { rights: [], startsAt: 0, expiresAt: 0 };

export class Model {
  readonly #contracts = new Map<string, Known>();

  isLive(id: string, now: number): boolean {
    const known = this.#contracts.get(id);
    return known !== undefined && !known.isOver && now < known.expiresAt;
  }
  may(id: string, right: string, now: number): boolean {
    const { rights, startsAt, suspensions } = this.#contracts.get(id) ?? { ...NOTHING, suspensions: [] };
    return this.isLive(id, now) && suspensions.length === 0 && startsAt <= now && rights.includes(right);
  }
  /** Epoch ms; 0 without a lease. */
  endOf(id: string): number {
    return this.#contracts.get(id)?.expiresAt ?? 0;
  }
  /** Epoch ms at which leases begin and end. */
  edges(): readonly number[] {
    return [...this.#contracts.values()].flatMap(({ startsAt, expiresAt }) => [startsAt, expiresAt]);
  }
  suspensionsOf(id: string): readonly string[] {
    return this.#contracts.get(id)?.suspensions ?? [];
  }

  /** A contract begins once; says whether it does. */
  onboard(id: string, terms: Terms): boolean {
    const isNew = !this.#contracts.has(id);
    if (isNew) this.#contracts.set(id, { ...terms, suspensions: [], isOver: false });
    return isNew;
  }
  /** The end closes also what has never begun. */
  terminate(id: string): void {
    this.#contracts.set(id, { ...NOTHING, suspensions: [], ...this.#contracts.get(id), isOver: true });
  }
  /** Whether an approver is asked: of long leases, unless they only narrow what is there. */
  isAsked(id: string, terms: Terms): boolean {
    const { rights, expiresAt } = this.#contracts.get(id) ?? NOTHING;
    const isWider = terms.expiresAt > expiresAt || terms.rights.some((right) => !rights.includes(right));
    return isWider && terms.expiresAt - terms.startsAt > LONGEST_UNASKED;
  }
  amend(id: string, now: number, terms: Terms): void {
    this.#change(id, now, () => terms);
  }
  suspend(id: string, now: number, suspension: string): void {
    this.#change(id, now, ({ suspensions }) => ({ suspensions: [...suspensions, suspension] }));
  }
  resume(id: string, now: number, suspension: string): void {
    this.#change(id, now, ({ suspensions }) => ({
      suspensions: suspensions.filter((one) => one !== suspension),
    }));
  }
  #change(id: string, now: number, change: (known: Known) => Partial<Known>): void {
    const known = this.#contracts.get(id);
    if (known !== undefined && this.isLive(id, now)) this.#contracts.set(id, { ...known, ...change(known) });
  }
}
