import type { Due } from "./deadline_heap.ts";
import type { Key } from "./key.ts";
import type { Payload } from "./slot.ts";

/** A pending `warm`: wants a number of idle connections of its key. */
export class Warmer<P extends Payload> implements Due {
  readonly kind = "warmer";
  live = true;
  readonly key: Key<P>;
  readonly count: number;
  readonly at: number;
  readonly ticket: P["warmTicket"];

  constructor(
    key: Key<P>,
    count: number,
    at: number,
    ticket: P["warmTicket"],
  ) {
    this.key = key;
    this.count = count;
    this.at = at;
    this.ticket = ticket;
  }
}
