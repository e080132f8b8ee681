import type { Due } from "./deadline_heap.ts";
import type { Key } from "./key.ts";
import type { Link } from "./linked_list.ts";
import type { Payload } from "./slot.ts";

/**
 * A pending acquire: a member of its key's queue, and of those who share its
 * deadline.
 */
export class Waiter<P extends Payload> implements Link<Waiter<P>> {
  previous: Waiter<P> | undefined = undefined;
  next: Waiter<P> | undefined = undefined;

  /** Order of arrival over all keys. */
  readonly sequence: number;
  readonly key: Key<P>;
  /** Whether only a never-leased connection will do. */
  readonly fresh: boolean;
  readonly ticket: P["ticket"];
  /** How it is answered: set by the layer above before anything is performed. */
  grant: P["grant"] | undefined = undefined;
  refuse: P["refuse"] | undefined = undefined;
  /** The pool's count of overtakings when it arrived: see `queue.ts`. */
  readonly overtakings: number;
  readonly cohort: Cohort<P>;
  #place: number;

  constructor(
    sequence: number,
    key: Key<P>,
    fresh: boolean,
    ticket: P["ticket"],
    overtakings: number,
    cohort: Cohort<P>,
  ) {
    this.sequence = sequence;
    this.key = key;
    this.fresh = fresh;
    this.ticket = ticket;
    this.overtakings = overtakings;
    this.cohort = cohort;
    this.#place = cohort.add(this);
  }

  /** Whether it is not yet settled (I5). */
  get live(): boolean {
    return this.#place >= 0;
  }

  /** When it began to wait. */
  get since(): number {
    return this.cohort.since;
  }

  /** Its deadline, `Infinity` for none. */
  get at(): number {
    return this.cohort.at;
  }

  /** It waits no more. */
  leave(): void {
    this.cohort.remove(this.#place);
    this.#place = -1;
  }
}

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
