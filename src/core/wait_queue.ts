import type { Alarm } from "./alarms.ts";
import type { DeadlineHeap } from "./deadline_heap.ts";
import { DialQueue } from "./dial_queue.ts";
import { BackoffAlarm, type Key } from "./key.ts";
import { dialShare, type Limits } from "./limits.ts";
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
  readonly dialable: DialQueue<P> = new DialQueue();
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
    at: number,
    fresh: boolean,
    ticket: P["ticket"],
    now: number,
  ): Waiter<P> {
    const waiter = new Waiter(
      ++this.#sequence,
      key,
      at,
      now,
      fresh,
      ticket,
      this.#overtakings,
    );
    (fresh ? key.freshWaiters : key.waiters).push(waiter);
    if (at !== Infinity) this.#deadlines.add(waiter);
    this.#waiting++;
    return waiter;
  }

  /** Takes a waiter out to settle it (I5): live is false from here on. */
  remove(waiter: Waiter<P>): void {
    const { key } = waiter;
    (waiter.fresh ? key.freshWaiters : key.waiters).remove(waiter);
    if (waiter.at === Infinity) waiter.live = false;
    else this.#deadlines.cancel(waiter);
    this.#waiting--;
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
