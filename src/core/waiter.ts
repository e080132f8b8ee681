import type { Key } from "./key.ts";
import type { Link } from "./linked_list.ts";
import type { Ranked } from "./ranked_heap.ts";
import type { Payload } from "./slot.ts";

/**
 * A pending acquire: a member of its key's queue, and of a cohort. It is made
 * as an object literal, not by a class: V8 notices that literals of one place
 * live long, and makes them where none is copied while it is young.
 */
export interface Waiter<P extends Payload> extends Link<Waiter<P>> {
  /** Order of arrival over all keys. */
  readonly sequence: number;
  readonly cohort: Cohort<P>;
  /** How it is answered. */
  readonly answer: P["answer"];
  /** Whether it is not yet settled (I5). */
  live: boolean;
}

/**
 * Waiters of a key that came one right after the other, in the same turn, and
 * ask for the same. What they have in common stands here once: they share a
 * deadline, so that nothing is sorted when one of ten thousand is served. They
 * stand together in their key's queue.
 */
export class Cohort<P extends Payload> implements Ranked {
  readonly kind = "cohort";
  readonly key: Key<P>;
  /** Whether only a never-leased connection will do. */
  readonly fresh: boolean;
  /** How long its members may wait, in ms. */
  readonly timeout: number;
  readonly ticket: P["ticket"];
  /** The pool's count of overtakings when they arrived: see `queue.ts`. */
  readonly overtakings: number;
  /** When they began to wait, and their deadline: unknown until it is stamped. */
  since = Infinity;
  rank = Infinity;
  heapIndex = -1;
  /** Members that still wait, and the first of them. */
  size = 0;
  first: Waiter<P> | undefined = undefined;

  constructor(
    key: Key<P>,
    fresh: boolean,
    timeout: number,
    ticket: P["ticket"],
    overtakings: number,
  ) {
    this.key = key;
    this.fresh = fresh;
    this.timeout = timeout;
    this.ticket = ticket;
    this.overtakings = overtakings;
  }

  /** The deadline. */
  get at(): number {
    return this.rank;
  }

  /** Whether one who comes now, last in the queue of the last member, may join. */
  takes(timeout: number, ticket: P["ticket"], overtakings: number): boolean {
    return this.since === Infinity && this.timeout === timeout &&
      this.ticket === ticket && this.overtakings === overtakings;
  }

  add(waiter: Waiter<P>): void {
    this.size++;
    this.first ??= waiter;
  }

  /** Takes out a member that still stands in the queue. */
  remove(waiter: Waiter<P>): void {
    this.size--;
    if (this.first !== waiter) return;
    const { next } = waiter;
    this.first = next?.cohort === this ? next : undefined;
  }

  stamp(now: number): void {
    this.since = now;
    this.rank = now + this.timeout;
  }
}
