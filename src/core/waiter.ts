import type { Cohort } from "./cohort.ts";
import type { Key } from "./key.ts";
import type { Link } from "./linked_list.ts";
import type { Payload } from "./slot.ts";

/**
 * A pending acquire: a member of its key's queue, and of those who share its
 * deadline. `live` says that it is not yet settled (I5).
 */
export class Waiter<P extends Payload> implements Link<Waiter<P>> {
  previous: Waiter<P> | undefined = undefined;
  next: Waiter<P> | undefined = undefined;
  live = true;

  /** Order of arrival over all keys. */
  readonly sequence: number;
  readonly key: Key<P>;
  /** Whether only a never-leased connection will do. */
  readonly fresh: boolean;
  readonly ticket: P["ticket"];
  /** The pool's count of overtakings when it arrived (see `WaitQueue`). */
  readonly overtakings: number;
  readonly cohort: Cohort<P>;
  readonly #place: number;

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
    this.live = false;
    this.cohort.remove(this.#place);
  }
}
