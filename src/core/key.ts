import type { BackoffAlarm } from "./alarm.ts";
import { LinkedList } from "./linked_list.ts";
import type { Ranked } from "./ranked_heap.ts";
import type { Payload, Redial, Slot } from "./slot.ts";
import type { Cohort, Waiter } from "./waiter.ts";

/** What the pool remembers of a key that failed: to be dialled, or to stay up. */
export interface FailureRecord<P extends Payload> {
  /** Since its last success, or not: a key that recovered goes back to where it was if it fails again soon. */
  readonly isFailing: boolean;
  /** Failures in a row. */
  readonly attempts: number;
  /** The same, but what failed together counts once: it makes the backoff grow. */
  readonly rounds: number;
  /** Of the last failed dial; undefined after a loss. */
  readonly failure: P["failure"] | undefined;
  /** The next trial starts no earlier. */
  readonly retryAt: number;
  /** The record is of no more interest then. */
  readonly forgetAt: number;
}

/** The record of one key: its slots by count, its queue, its failures. */
export class Key<P extends Payload> implements Ranked {
  readonly name: string;
  readonly target: P["target"];
  /** Whether the pool holds this record. A detached one may be cached outside, and is adopted again when used. */
  attached = false;

  /** Idle slots, most recently used last. */
  readonly idle: Slot<P>[] = [];
  /** Who takes any connection, in order of arrival; each cohort has members. */
  readonly waiters: LinkedList<Cohort<P>> = new LinkedList();
  /** Who takes only a never-leased connection, likewise. */
  readonly freshWaiters: LinkedList<Cohort<P>> = new LinkedList();
  /** All of them. */
  waiting = 0;

  /** Redials that wait for their dial, in order. */
  readonly redials: Set<Redial<P>> = new Set();

  /** Slots in any state but `gone`. */
  size = 0;
  connecting = 0;
  /** Leased slots whose new socket is being opened. */
  redialling = 0;
  probing = 0;
  closing = 0;
  /** Pending `warm` calls. */
  warmers = 0;

  failed: FailureRecord<P> | undefined = undefined;
  wake: BackoffAlarm<P> | undefined = undefined;

  /** Dials in flight that nobody waits for. */
  unclaimed = 0;
  /** The part of `demand` for which the key's own limit leaves no slot. */
  blocked = 0;
  /** Room that one run of the dial scheduler has set aside. */
  reserved = 0;
  /** The ledger's revisions at which it was last found steady, and to be joined: see `shortcuts.ts`. */
  steadyAt = -1;
  joinableAt = -1;
  /** Position in the dial queue, -1 outside. */
  heapIndex = -1;
  /** Arrival of the oldest waiter: the rank in the dial queue. */
  rank = 0;

  constructor(name: string, target: P["target"]) {
    this.name = name;
    this.target = target;
  }

  /** Waiters that no dial in flight serves. */
  get demand(): number {
    return Math.max(0, this.waiting - this.connecting);
  }

  /** Dials in flight. */
  get handshakes(): number {
    return this.connecting + this.redialling;
  }

  /** Its record, while it fails. */
  get failing(): FailureRecord<P> | undefined {
    return this.failed?.isFailing ? this.failed : undefined;
  }

  /** The redial that comes next. */
  get nextRedial(): Redial<P> | undefined {
    // Every waiter asks: for nothing, no iterator is made.
    if (this.redials.size === 0) return undefined;
    return this.redials.values().next().value;
  }

  /** The waiter that arrived first. */
  get oldestWaiter(): Waiter<P> | undefined {
    return olderOf(this.waiters.first?.first, this.freshWaiters.first?.first);
  }

  /** Whether the waiter is among the first `count` of both queues together. */
  isAmongFirst(count: number, waiter: Waiter<P>): boolean {
    let any = this.waiters.first?.first;
    let fresh = this.freshWaiters.first?.first;
    for (let left = count; left > 0; left--) {
      const next = olderOf(any, fresh);
      if (next === waiter) return true;
      if (next === any) any = after(any);
      else fresh = after(fresh);
    }
    return false;
  }
}

/** Who stands behind a waiter in its queue. */
function after<P extends Payload>(
  waiter: Waiter<P> | undefined,
): Waiter<P> | undefined {
  return waiter?.next ?? waiter?.cohort.next?.first;
}

function olderOf<P extends Payload>(
  any: Waiter<P> | undefined,
  fresh: Waiter<P> | undefined,
): Waiter<P> | undefined {
  if (any === undefined) return fresh;
  if (fresh === undefined) return any;
  return any.sequence < fresh.sequence ? any : fresh;
}
