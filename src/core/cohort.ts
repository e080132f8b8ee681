import type { Due } from "./deadline_heap.ts";
import type { Payload } from "./slot.ts";
import type { Waiter } from "./waiter.ts";

/**
 * Waiters that began to wait in the same turn with the same time limit: they
 * share one deadline, so that nothing is sorted, and nothing removed from the
 * middle of anything, when one of ten thousand is served.
 */
export class Cohort<P extends Payload> implements Due {
  readonly kind = "cohort";
  live = true;
  /** How long its members may wait, in ms. */
  readonly timeout: number;
  /** When they began to wait, and their deadline: unknown until it is stamped. */
  since = Infinity;
  at = Infinity;
  /** In order of arrival; those who are served have left a hole. */
  readonly #waiters: (Waiter<P> | undefined)[] = [];
  #size = 0;

  constructor(timeout: number) {
    this.timeout = timeout;
  }

  /** Members that still wait. */
  get size(): number {
    return this.#size;
  }

  /** Those who still wait. */
  get waiters(): Waiter<P>[] {
    return this.#waiters.filter((waiter) => waiter !== undefined);
  }

  /** @returns The place of the new member */
  add(waiter: Waiter<P>): number {
    this.#size++;
    return this.#waiters.push(waiter) - 1;
  }

  remove(place: number): void {
    this.#waiters[place] = undefined;
    this.#size--;
  }

  stamp(now: number): void {
    this.since = now;
    this.at = now + this.timeout;
  }
}
