import type { Key } from "./key.ts";
import type { Ranked } from "./ranked_heap.ts";
import type { Payload, Redial, Slot } from "./slot.ts";
import type { Cohort } from "./waiter.ts";

/** Something that is due at a time, and whose it is. */
export class Timer<Kind extends string, Subject> implements Ranked {
  readonly kind: Kind;
  rank: number;
  heapIndex = -1;
  readonly subject: Subject;

  constructor(kind: Kind, at: number, subject: Subject) {
    this.kind = kind;
    this.rank = at;
    this.subject = subject;
  }
}

/**
 * A deadline of a slot: of the state it is in (`slot`), or of its connection's
 * life (`lifetime`), which outlasts states.
 */
export type SlotAlarm<P extends Payload> = Timer<
  "slot" | "lifetime",
  Slot<P>
>;

/** The deadline of a redial, or of the close before it. */
export type RedialAlarm<P extends Payload> = Timer<"redial", Redial<P>>;

/** The moment at which a failing key may be dialled again. */
export type BackoffAlarm<P extends Payload> = Timer<"backoff", Key<P>>;

/** The moment at which the rate of dials allows another. */
export type RateAlarm = Timer<"rate", undefined>;

/** The end of the time that leases have after `close`. */
export type DrainAlarm = Timer<"drain", undefined>;

/** A pending `warm`: wants a number of idle connections of its key. */
export class Warmer<P extends Payload> implements Ranked {
  readonly kind = "warmer";
  rank: number;
  heapIndex = -1;
  readonly key: Key<P>;
  readonly count: number;
  readonly ticket: P["warmTicket"];

  constructor(
    key: Key<P>,
    count: number,
    at: number,
    ticket: P["warmTicket"],
  ) {
    this.key = key;
    this.count = count;
    this.rank = at;
    this.ticket = ticket;
  }
}

/** Everything of the core that is due at a time. */
export type Alarm<P extends Payload> =
  | Cohort<P>
  | Warmer<P>
  | SlotAlarm<P>
  | RedialAlarm<P>
  | BackoffAlarm<P>
  | RateAlarm
  | DrainAlarm;
