import type { RedialAlarm, SlotAlarm } from "./alarm.ts";
import type { Key } from "./key.ts";
import type { Link } from "./linked_list.ts";
import type { Ranked } from "./ranked_heap.ts";

/**
 * What the layer above hangs on the core's records. The core carries these
 * and never looks inside.
 */
export interface Payload {
  /** What a key dials. */
  target: unknown;
  /** What a slot holds. */
  resource: unknown;
  /** How a waiter is answered. */
  answer: unknown;
  /** What else is to be remembered of a waiter. */
  ticket: unknown;
  /** What a `warm` is answered through. */
  warmTicket: unknown;
  /** What is known of a failed dial. */
  failure: unknown;
}

/** Numbers, not words: a grant and a release each pass through the table. */
export const SlotState = {
  connecting: 0,
  idle: 1,
  leased: 2,
  probing: 3,
  resetting: 4,
  closing: 5,
  gone: 6,
} as const;

export type SlotState = typeof SlotState[keyof typeof SlotState];

/** Row: from. Digit: to, the states from right to left. Everything else is a bug of the core. */
const TRANSITIONS: readonly number[] = [
  /* connecting */ 0b1100110,
  /* idle       */ 0b1101100,
  /* leased     */ 0b1110010,
  /* probing    */ 0b1100110,
  /* resetting  */ 0b1100110,
  /* closing    */ 0b1000000,
  /* gone       */ 0b0000000,
];

/**
 * Where a leased slot stands between two sockets:
 *
 * - `closing`: the old socket goes first; in a rotation, by its close in good
 *   order.
 * - `blocked`: the old socket is dead but open, and too many of that kind
 *   linger already to leave one more behind.
 * - `queued`: it waits for its dial.
 * - `dialling`: the dial is under way.
 */
type RedialStage = "closing" | "blocked" | "queued" | "dialling";

/** The way of a leased slot from one socket to the next. */
export interface Redial<P extends Payload> {
  readonly slot: Slot<P>;
  stage: RedialStage;
  /** Failed dials so far. */
  attempts: number;
  /** Its turn among waiters and other redials, since it was queued last. */
  rank: number;
  /** The end of its stage, if that has one. */
  alarm: RedialAlarm<P> | undefined;
}

/** Why a slot that somebody holds is to go. */
export type Doom = "lifetime" | "cleared" | "closed";

/**
 * The core's record of one connection. There are as many as connections, most
 * of them idle, and engines round up what an object takes: its fields are 18,
 * and what it needs only now and then is a record of its own.
 */
export class Slot<P extends Payload> implements Link<Slot<P>>, Ranked {
  /** Place among all slots. */
  previous: Slot<P> | undefined = undefined;
  next: Slot<P> | undefined = undefined;
  /** Where the order of last use had it when that was last looked at. */
  rank = 0;
  heapIndex = -1;

  readonly id: number;
  readonly key: Key<P>;
  resource: P["resource"] | undefined = undefined;

  /**
   * Number of the lease that holds it: odd. At its end it goes up by one, so
   * that a lease whose number is not this one is dead (I7).
   */
  lease = 0;
  /** Why it is not to be used again: it goes at the next moment nobody holds it. */
  doom: Doom | undefined = undefined;
  /** When its present socket was opened. */
  openedAt = 0;
  /** Its turn among idle slots: the lower, the longer unused. */
  idleOrder = 0;
  /** While it is dialled, when that began; while it is idle, when it became so, by the last tick. */
  since = 0;
  /** When it last showed life while idle (probe or message), by the last tick. */
  checkedAt = 0;
  /** In [0, 1): spreads lifetimes and probes of slots born together. */
  spread = 0;

  /** Undefined while it has its socket, and before its first. */
  redial: Redial<P> | undefined = undefined;

  alarm: SlotAlarm<P> | undefined = undefined;
  lifetime: SlotAlarm<P> | undefined = undefined;

  #state: SlotState = SlotState.connecting;

  constructor(id: number, key: Key<P>) {
    this.id = id;
    this.key = key;
  }

  /** Whether a lease came before the present or last one: that one's number was 1. */
  get isReused(): boolean {
    return this.lease > 2;
  }

  /** Whether somebody holds its lease, be its socket lost or spoiled: the numbers of leases are odd. */
  get isHeld(): boolean {
    return this.lease % 2 === 1;
  }

  /** Whether it never was leased. */
  get isUnused(): boolean {
    return this.lease === 0;
  }

  get state(): SlotState {
    return this.#state;
  }

  // For the hot paths: numbers in place of names, of which bundlers make
  // variables, and in place of the table.

  get isLeased(): boolean {
    return this.#state === /* leased */ 2;
  }

  /** As `become(leased)`. */
  lend(): void {
    if (this.#state === /* idle */ 1) this.#state = 2;
    else this.become(2);
  }

  /** As `become(idle)`, of a leased one. @returns Whether it was leased */
  giveBack(): boolean {
    if (this.#state !== /* leased */ 2) return false;
    this.#state = 1;
    return true;
  }

  /** How a slot's state changes. */
  become(next: SlotState): void {
    // The table has a row for every state.
    if ((TRANSITIONS[this.#state]! & (1 << next)) === 0) {
      throw wrongStep(this.id, this.#state, next);
    }
    this.#state = next;
  }
}

function wrongStep(id: number, from: SlotState, to: SlotState): Error {
  return new Error(
    `Slot ${id} cannot go from state ${from} to ${to}: ` +
      "this is a bug in @jetsocket/pool, please report it",
  );
}
