import { Cohort } from "./cohort.ts";
import type { Counters } from "./counters.ts";
import type { Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import type { SlotTable } from "./slot_table.ts";
import type { Upkeep } from "./upkeep.ts";
import type { WaitQueue } from "./wait_queue.ts";
import type { Waiter } from "./waiter.ts";
import type { Warming } from "./warming.ts";

const { leased } = SlotState;

/**
 * The hot paths: inputs in the cases in which nothing has to be decided. Each
 * looks whether its case is simple, and leaves the same books as the general
 * input; none asks for an action, or lets anything else begin.
 */
export class Shortcuts<P extends Payload> {
  readonly #ledger: Ledger<P>;
  readonly #slots: SlotTable<P>;
  readonly #queue: WaitQueue<P>;
  readonly #counters: Counters;
  readonly #upkeep: Upkeep<P>;
  readonly #warming: Warming<P>;
  /** Waiters that joined and have no times yet: the last cohort may grow. */
  #unstamped: Cohort<P>[] = [];

  constructor(ledger: Ledger<P>, warming: Warming<P>) {
    this.#ledger = ledger;
    this.#slots = ledger.slots;
    this.#queue = ledger.queue;
    this.#counters = ledger.counters;
    this.#upkeep = ledger.upkeep;
    this.#warming = warming;
  }

  /** Leases an idle slot. It needs no time and asks for nothing. */
  take(slot: Slot<P>): void {
    this.#slots.take(slot);
    if (slot.lease++ === 0) this.#counters.acquiredUnused++;
    this.#counters.acquired++;
    if (this.#queue.waiting > 0) this.#ledger.idleChanged(slot.key);
  }

  /**
   * Joins the queue in the simple case: others of the key wait already, for
   * whom no room could be made. It needs no time: that comes with `stamp`.
   *
   * @returns Undefined when `PoolState.enqueue` has to decide
   */
  join(
    key: Key<P>,
    timeout: number,
    ticket: P["ticket"],
  ): Waiter<P> | undefined {
    const { queue, keys, slots, limits } = this.#ledger;
    if (
      !queue.isSteady(key, 1) || slots.closing > 0 || keys.hasFailures ||
      limits.maxWaiting !== Infinity
    ) return undefined;
    let cohort = this.#unstamped.at(-1);
    if (cohort?.timeout !== timeout) {
      cohort = new Cohort(timeout);
      this.#unstamped.push(cohort);
    }
    return queue.join(key, ticket, cohort);
  }

  /** Those who joined are given their times: later than they came, never earlier. */
  stamp(now: number): void {
    if (this.#unstamped.length === 0) return;
    const { queue } = this.#ledger;
    for (const cohort of this.#unstamped) queue.stamp(cohort, now);
    this.#unstamped = [];
  }

  /**
   * Gives a connection back in the simple case: reusable, nobody waits,
   * nothing is due. It needs no time and asks for nothing.
   *
   * @returns False when `PoolState.release` has to decide
   */
  restore(slot: Slot<P>, lease: number): boolean {
    if (
      slot.lease !== lease || slot.state !== leased ||
      slot.alarm !== undefined || slot.doom !== undefined ||
      this.#queue.waiting > 0 || this.#warming.size > 0
    ) return false;
    slot.lease++;
    this.#counters.released++;
    slot.idleSince = slot.checkedAt = this.#upkeep.tickedAt;
    this.#slots.rest(slot);
    return true;
  }

  /**
   * Gives a connection to the next waiter of its key in the simple case:
   * reusable, more of the key wait, and nobody of another key has a claim.
   *
   * @returns Undefined when `PoolState.release` has to decide
   */
  handOver(slot: Slot<P>, lease: number, now: number): Waiter<P> | undefined {
    const ledger = this.#ledger;
    const queue = this.#queue;
    const { key } = slot;
    const waiter = key.waiters.first;
    if (
      slot.lease !== lease || slot.state !== leased || waiter === undefined ||
      slot.alarm !== undefined || slot.doom !== undefined ||
      !queue.isSteady(key, 2) || this.#warming.size > 0 ||
      ledger.actions.length > 0
    ) return undefined;
    ledger.now = now;
    queue.shift(key, waiter);
    // One lease ends, and the next begins.
    slot.lease += 2;
    this.#counters.released++;
    this.#counters.acquired++;
    return waiter;
  }
}
