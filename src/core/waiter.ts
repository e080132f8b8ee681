import type { Due } from "./deadline_heap.ts";
import type { Key } from "./key.ts";
import type { Link } from "./linked_list.ts";
import type { Payload } from "./slot.ts";

/**
 * A pending acquire: a member of its key's queue and, with a finite deadline,
 * an entry of the deadline heap. `live` says that it is not yet settled (I5).
 */
export class Waiter<P extends Payload> implements Link<Waiter<P>>, Due {
  previous: Waiter<P> | undefined = undefined;
  next: Waiter<P> | undefined = undefined;
  readonly kind = "waiter";
  live = true;

  /** Order of arrival over all keys. */
  readonly sequence: number;
  readonly key: Key<P>;
  /** Its deadline, `Infinity` for none. */
  readonly at: number;
  /** When it began to wait. */
  readonly since: number;
  /** Whether only a never-leased connection will do. */
  readonly fresh: boolean;
  readonly ticket: P["ticket"];
  /** The pool's count of overtakings when it arrived (see `WaitQueue`). */
  readonly overtakings: number;

  constructor(
    sequence: number,
    key: Key<P>,
    at: number,
    since: number,
    fresh: boolean,
    ticket: P["ticket"],
    overtakings: number,
  ) {
    this.sequence = sequence;
    this.key = key;
    this.at = at;
    this.since = since;
    this.fresh = fresh;
    this.ticket = ticket;
    this.overtakings = overtakings;
  }
}
