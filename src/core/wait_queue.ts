import type { Alarm } from "./alarms.ts";
import type { Cohort } from "./cohort.ts";
import type { DeadlineHeap } from "./deadline_heap.ts";
import { BackoffAlarm, type Key } from "./key.ts";
import { dialShare, type Limits } from "./limits.ts";
import { RankedHeap } from "./ranked_heap.ts";
import type { Payload } from "./slot.ts";
import { Waiter } from "./waiter.ts";

/**
 * All waiters, and what follows from them: which keys could dial now, and how
 * many waiters have nothing reserved for them.
 *
 * Overtaking (4.3) is counted once for the pool, when a waiter is granted a
 * connection while the key of an older one could dial if only there were room;
 * it may be the same key, if the older one wants a never-leased connection.
 * Whoever arrived when the count stood at n has been overtaken at most
 * `count - n` times: that bound costs one number per waiter, whatever the
 * number of keys.
 */
export class WaitQueue<P extends Payload> {
  /** The keys that could dial now, the one with the longest waiting waiter first. */
  readonly dialable: RankedHeap<Key<P>> = new RankedHeap();
  /** Those of them that want another socket for a leased slot, which needs no room. */
  readonly redialable: Set<Key<P>> = new Set();
  /** Keys at their own limit with a used idle connection that a waiter for a never-leased one could replace. */
  readonly yielding: Set<Key<P>> = new Set();
  readonly #limits: Limits;
  readonly #deadlines: DeadlineHeap<Alarm<P>>;
  readonly #share: number;
  #waiting = 0;
  #demand = 0;
  #blocked = 0;
  #overtakings = 0;
  #sequence = 0;

  constructor(limits: Limits, deadlines: DeadlineHeap<Alarm<P>>) {
    this.#limits = limits;
    this.#share = dialShare(limits);
    this.#deadlines = deadlines;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * How many waiters have neither a dial in flight nor room for one.
   *
   * @param room Slots that are free, or that will be if somebody asks
   */
  unreserved(room: number): number {
    return this.#blocked + Math.max(0, this.#demand - this.#blocked - room);
  }

  add(
    key: Key<P>,
    fresh: boolean,
    ticket: P["ticket"],
    cohort: Cohort<P>,
  ): Waiter<P> {
    const waiter = new Waiter(
      ++this.#sequence,
      key,
      fresh,
      ticket,
      this.#overtakings,
      cohort,
    );
    (fresh ? key.freshWaiters : key.waiters).push(waiter);
    this.#waiting++;
    return waiter;
  }

  /** Gives those who began to wait together their times. */
  stamp(cohort: Cohort<P>, now: number): void {
    if (cohort.size === 0) return;
    cohort.stamp(now);
    if (cohort.at !== Infinity) this.#deadlines.add(cohort);
  }

  /** Takes a waiter out to settle it (I5). */
  remove(waiter: Waiter<P>): void {
    const { key, cohort } = waiter;
    (waiter.fresh ? key.freshWaiters : key.waiters).remove(waiter);
    waiter.leave();
    this.#waiting--;
    if (cohort.size === 0 && cohort.at !== Infinity) {
      this.#deadlines.cancel(cohort);
    }
  }

  // The hot paths of a queue: the two steps below leave the same books as
  // `add` or `remove` with a `refresh`, where little can change.

  /** Whether waiters of the key come and go without changing what could be dialled: some remain whom no dial serves, and no other key is concerned. */
  isSteady(key: Key<P>, least: number): boolean {
    return key.demand >= least && key.freshWaiters.size === 0 &&
      key.redials.size === 0 && key.failing === undefined &&
      this.dialable.size === (key.heapIndex < 0 ? 0 : 1);
  }

  /** Adds a waiter to a steady key. */
  join(key: Key<P>, ticket: P["ticket"], cohort: Cohort<P>): Waiter<P> {
    const waiter = this.add(key, false, ticket, cohort);
    this.#demand++;
    key.demand++;
    const { maxConnectionsPerKey } = this.#limits;
    if (key.demand > maxConnectionsPerKey - key.size + key.closing) {
      this.#blocked++;
      key.blocked++;
    }
    return waiter;
  }

  /** Takes out the first waiter of a steady key. */
  shift(key: Key<P>, waiter: Waiter<P>): void {
    this.remove(waiter);
    this.#demand--;
    key.demand--;
    if (key.blocked > 0) {
      this.#blocked--;
      key.blocked--;
    }
    const { first } = key.waiters;
    if (key.heapIndex >= 0 && first !== undefined) {
      this.dialable.put(key, first.sequence);
    }
  }

  /** Brings the books up to date after the key's waiters, slots or failures changed. */
  refresh(key: Key<P>, now: number): void {
    const demand = Math.max(0, key.waiting - key.connecting);
    const blocked = Math.max(
      0,
      demand - (this.#limits.maxConnectionsPerKey - key.size + key.closing +
        (key.freshWaiters.size > 0 ? key.idle.size : 0)),
    );
    this.#demand += demand - key.demand;
    this.#blocked += blocked - key.blocked;
    key.demand = demand;
    key.blocked = blocked;

    const rank = this.#rankOf(key);
    const mayTry = this.mayTry(key, now);
    if (mayTry && rank !== Infinity) this.dialable.put(key, rank);
    else this.dialable.remove(key);
    if (mayTry && key.redials.size > 0) this.redialable.add(key);
    else this.redialable.delete(key);
    const isAtLimit = key.size >= this.#limits.maxConnectionsPerKey;
    // A failing key has one trial, so it needs room for one.
    const wanted = key.failing === undefined ? demand : Math.min(1, demand);
    if (mayTry && isAtLimit && wanted > key.closing && key.idle.size > 0) {
      this.yielding.add(key);
    } else {
      this.yielding.delete(key);
    }
    this.#setWake(key, demand > 0 || key.redials.size > 0, now);
  }

  /** Whether nothing in the key's own past forbids a dial: a failing key has one trial at a time, after its backoff. */
  mayTry(key: Key<P>, now: number): boolean {
    const { failing } = key;
    return failing === undefined ||
      (key.handshakes === 0 && failing.retryAt <= now);
  }

  /** A place in the order of arrival, for a leased connection that wants a new socket. */
  takeSequence(): number {
    return ++this.#sequence;
  }

  /** The arrival of whoever has waited longest for a dial of the key, `Infinity` if none is wanted. */
  #rankOf(key: Key<P>): number {
    const redial = key.redials.first?.redialRank ?? Infinity;
    const oldest = key.oldestWaiter;
    const mayGrow = key.size < this.#limits.maxConnectionsPerKey;
    return key.demand > 0 && mayGrow && oldest !== undefined
      ? Math.min(redial, oldest.sequence)
      : redial;
  }

  /** Notes that `waiter` is about to be served before an older one that could have had a dial. */
  noteGrant(waiter: Waiter<P>): void {
    const first = this.#firstUnderShare?.oldestWaiter;
    if (first !== undefined && first.sequence < waiter.sequence) {
      this.#overtakings++;
    }
  }

  /** Whether an older waiter that could have a dial has been overtaken as often as `bound` allows. */
  isOwedBefore(waiter: Waiter<P>, bound: number): boolean {
    const oldest = this.#firstUnderShare?.oldestWaiter;
    return oldest !== undefined && oldest.sequence < waiter.sequence &&
      this.#overtakings - oldest.overtakings >= bound;
  }

  /** Room made for a key that holds its share of the handshakes would go to another. */
  get #firstUnderShare(): Key<P> | undefined {
    return this.dialable.firstWhere((key) => key.handshakes < this.#share);
  }

  /** A waiting, failing key with no trial under way is woken at the end of its backoff. */
  #setWake(key: Key<P>, isWanted: boolean, now: number): void {
    const { failing, wake } = key;
    const at = failing !== undefined && isWanted && key.handshakes === 0 &&
        failing.retryAt > now
      ? failing.retryAt
      : Infinity;
    if ((wake === undefined ? Infinity : wake.at) === at) return;
    if (wake !== undefined) this.#deadlines.cancel(wake);
    key.wake = undefined;
    if (at === Infinity) return;
    key.wake = new BackoffAlarm(at, key);
    this.#deadlines.add(key.wake);
  }
}
