import type { Action, RetireReason } from "./actions.ts";
import type { Alarm, DrainAlarm, RateAlarm, Warmer } from "./alarm.ts";
import type { Key } from "./key.ts";
import { LinkedList } from "./linked_list.ts";
import type { Limits } from "./limits.ts";
import { RankedHeap } from "./ranked_heap.ts";
import { RateLimit } from "./rate_limit.ts";
import type { Payload, Redial, Slot } from "./slot.ts";
import type { Cohort } from "./waiter.ts";

/** Monotonic totals. */
export class Counters {
  opened = 0;
  acquired = 0;
  /** Those of them that were the first lease of their connections. */
  acquiredUnused = 0;
  released = 0;
  reconnects = 0;
  exhausted = 0;
  aborted = 0;
  failed = 0;
  closed = 0;
  connectFailures = 0;
  healthCheckFailures = 0;
  readonly retired: Record<RetireReason, number> = {
    idle: 0,
    lifetime: 0,
    probe: 0,
    evicted: 0,
    lost: 0,
    discarded: 0,
    cleared: 0,
    closed: 0,
  };
}

/**
 * All that the core knows, and nothing that it does: the functions beside this
 * file take the ledger from one state in which everything agrees to the next.
 * Which of them writes what:
 *
 * - `slots.ts` the slots, their counts and the order of their use;
 * - `keys.ts` the records of keys and of their failures, `failures.ts` a backoff
 *   that is cut short;
 * - `queue.ts` the waiters and what follows from them, `dial_scheduler.ts` what
 *   one run sets aside;
 * - `dials.ts`, `endings.ts` and `pool_state.ts` the rate, `dials.ts` and
 *   `redials.ts` the stages of redials;
 * - `endings.ts` and `redials.ts` what lingers;
 * - `upkeep.ts` the tick, `warming.ts` the warmers, `shutdown.ts` the phase, and
 *   with it the end of the tick;
 * - `pool_state.ts` the time, and how many leases drained;
 * - `shortcuts.ts`, on the hot paths, what the others would.
 */
export class Ledger<P extends Payload> {
  readonly limits: Limits;
  /** Whether leases are watched for being held too long. */
  readonly tracksLeaks: boolean;
  /** What the inputs so far have asked for, in order. */
  actions: Action<P>[] = [];
  /** The time of the current input. */
  now = 0;
  phase: "open" | "draining" | "closed" = "open";
  readonly counters: Counters = new Counters();
  readonly deadlines: RankedHeap<Alarm<P>> = new RankedHeap();

  readonly slots: LinkedList<Slot<P>> = new LinkedList();
  readonly connecting: Set<Slot<P>> = new Set();
  /** Redials whose socket is being opened. */
  readonly redialling: Set<Redial<P>> = new Set();
  /** Redials whose dead sockets may not linger yet, because too many do. */
  readonly blockedRedials: Set<Redial<P>> = new Set();
  idle = 0;
  probing = 0;
  resetting = 0;
  closing = 0;
  lastId = 0;
  /** Every idle slot, and some that are idle no more: see `leastRecent`. */
  readonly ranking: RankedHeap<Slot<P>> = new RankedHeap();
  lastOrder = 0;
  /** Abandoned sockets that are not known to be closed. */
  lingering = 0;
  /** Slots past `closeTimeout` that may not linger, because too many do. */
  readonly overdue: Set<Slot<P>> = new Set();

  readonly keys: Map<string, Key<P>> = new Map();
  /** Keys with a record of failures, the longest untouched first. */
  readonly failed: Set<Key<P>> = new Set();

  waiting = 0;
  /** Dials in flight that nobody of their keys waits for. */
  unclaimed = 0;
  /** The part of `demand` for which their keys' own limits leave no slot. */
  blocked = 0;
  /** How often a waiter was served before an older one that could have had a dial. */
  overtakings = 0;
  sequence = 0;
  /** The keys that could dial now, the one with the longest waiting waiter first. One that is alone may have the rank of a waiter already served. */
  readonly dialable: RankedHeap<Key<P>> = new RankedHeap();
  /** Those of them that want another socket for a leased slot, which needs no room. */
  readonly redialable: Set<Key<P>> = new Set();
  /** Keys at their own limit with a used idle connection that a waiter for a never-leased one could replace. */
  readonly yielding: Set<Key<P>> = new Set();
  /** Cohorts of those who joined, which have no times yet. */
  unstamped: Cohort<P>[] = [];
  /** Goes up with every change of what could be dialled or warmed, or is to be forgotten. */
  revision = 0;

  readonly warmers: Set<Warmer<P>> = new Set();
  readonly rate: RateLimit | undefined;
  rateAlarm: RateAlarm | undefined = undefined;

  /** When the next tick is due, `Infinity` while no connection is open. */
  tickAt = Infinity;
  /** The time of the last tick. */
  tickedAt = -Infinity;

  drain: DrainAlarm | undefined = undefined;
  drained = 0;
  forced = 0;

  constructor(limits: Limits) {
    this.limits = limits;
    this.tracksLeaks = limits.leakThreshold !== Infinity;
    const { connectRate } = limits;
    this.rate = connectRate && new RateLimit(connectRate);
  }

  get leased(): number {
    return this.slots.size - this.connecting.size - this.idle - this.probing -
      this.resetting - this.closing;
  }

  /** Waiters that no dial in flight serves. */
  get demand(): number {
    return this.waiting - this.connecting.size + this.unclaimed;
  }

  /** Dials in flight. */
  get handshakes(): number {
    return this.connecting.size + this.redialling.size;
  }

  get mayLinger(): boolean {
    return this.lingering < this.limits.maxConnections;
  }

  /** When the rate of dials allows the next: a time in the past where it does already. */
  get rateFreeAt(): number {
    return this.rate?.freeAt ?? -Infinity;
  }

  get rateAllows(): boolean {
    return this.rateFreeAt <= this.now;
  }
}
