import type { Key } from "./key.ts";
import type { Link } from "./linked_list.ts";
import type { Ranked } from "./ranked_heap.ts";
import type { Payload } from "./slot.ts";

/**
 * A pending acquire: a member of a cohort, and with that in its key's queue. It
 * is made as an object literal, not by a class: V8 notices that literals of one
 * place live long, and makes them where none is copied while it is young.
 */
export interface Waiter<P extends Payload> {
  /** The next member of its cohort. */
  next: Waiter<P> | undefined;
  /** Order of arrival over all keys. */
  readonly sequence: number;
  readonly cohort: Cohort<P>;
  /** How it is answered. */
  readonly answer: P["answer"];
}

/**
 * Waiters of a key that came one right after the other, in the same turn, and
 * ask for the same. What they have in common stands here once: they share a
 * deadline, so that nothing is sorted when one of ten thousand is served. A
 * key's queue is one of cohorts: as they are as young as their members, V8 need
 * not note with each waiter that something old points to something young.
 */
export class Cohort<P extends Payload> implements Link<Cohort<P>>, Ranked {
  /** Place in its key's queue. */
  previous: Cohort<P> | undefined = undefined;
  next: Cohort<P> | undefined = undefined;
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
  /** Members that still wait, in order of arrival: the first is the next to leave. */
  first: Waiter<P> | undefined = undefined;
  last: Waiter<P> | undefined = undefined;

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
}
