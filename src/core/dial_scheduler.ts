import type { Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import { dialShare, type Limits } from "./limits.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import type { SlotTable } from "./slot_table.ts";
import type { WaitQueue } from "./wait_queue.ts";
import type { Waiter } from "./waiter.ts";

/**
 * Decides which key dials next, and what makes room for it.
 *
 * Keys go in the order of their oldest waiters. While several want to dial,
 * one holds at most half of the handshakes (4.3). A connection is retired, or
 * a dial that nobody waits for aborted, only for a dial that could start the
 * moment the room is there (4.11).
 */
export class DialScheduler<P extends Payload> {
  readonly #ledger: Ledger<P>;
  readonly #limits: Limits;
  readonly #slots: SlotTable<P>;
  readonly #queue: WaitQueue<P>;
  readonly #share: number;

  constructor(ledger: Ledger<P>) {
    this.#ledger = ledger;
    this.#limits = ledger.limits;
    this.#slots = ledger.slots;
    this.#queue = ledger.queue;
    this.#share = dialShare(ledger.limits);
  }

  /** Whether `slot` has to make room for a waiter that `waiter` would overtake once too often (4.3). */
  isOwedBefore(waiter: Waiter<P>, slot: Slot<P>): boolean {
    const { maxConnections, maxConnecting } = this.#limits;
    // One that has just opened holds its handshake no longer.
    const freed = slot.state === SlotState.connecting ? 1 : 0;
    return this.#queue.isOwedBefore(waiter, maxConnections) &&
      this.#slots.size >= maxConnections &&
      this.#slots.closing === 0 &&
      this.#slots.handshakes - freed < maxConnecting && this.#ledger.rateAllows;
  }

  /** Starts every dial that may start now. */
  run(): void {
    const { dialable, yielding } = this.#queue;
    while (dialable.first !== undefined) {
      const lastWanting = this.#runOnce();
      if (!lastWanting) break;
    }
    for (const key of yielding) this.#makeRoomForFresh(key);
  }

  /** At the key's own limit, used idle connections give way to waiters that want never-leased ones (4.11). */
  #makeRoomForFresh(key: Key<P>): void {
    const { yielding } = this.#queue;
    while (
      yielding.has(key) && key.idle.first !== undefined &&
      this.#slots.handshakes < this.#limits.maxConnecting &&
      this.#ledger.rateAllows
    ) this.#ledger.retire(key.idle.first, "evicted");
  }

  /** @returns Whether one key was held back by its share for others that now have their dials. */
  #runOnce(): boolean {
    const { dialable } = this.#queue;
    /** Keys set aside, or with room set aside for them. */
    const touched = new Set<Key<P>>();
    /** Keys set aside that want to dial all the same. */
    const aside = new Set<Key<P>>();
    let heldBack = 0;
    // Room on its way: what is closing already will be free without evicting.
    let coming = this.#slots.closing;
    let handshakes = this.#limits.maxConnecting - this.#slots.handshakes;
    let key = dialable.first;
    for (; key !== undefined; key = dialable.first) {
      // The retirement of one of its connections has brought it back.
      if (key.reserved > 0 && !this.#wantsMore(key)) {
        dialable.remove(key);
        continue;
      }
      if (this.#holdsItsShare(key) && dialable.size + aside.size > 1) {
        heldBack++;
        aside.add(key);
        touched.add(key);
        dialable.remove(key);
        continue;
      }
      if (this.#ledger.isRationed(key)) {
        // A trial that nobody waits for keeps nobody from theirs.
        if (
          this.#ledger.rateAllows &&
          this.#abortUnwantedDial(({ failing }) => failing !== undefined)
        ) {
          coming++;
          handshakes++;
          continue;
        }
        aside.add(key);
        touched.add(key);
        dialable.remove(key);
        continue;
      }
      if (!this.#ledger.rateAllows) {
        this.#ledger.wakeForRate();
        break;
      }
      if (handshakes <= 0) {
        if (!this.#abortUnwantedDial()) break;
        coming++;
        handshakes++;
        continue;
      }
      handshakes--;
      if (key.redials.first !== undefined) {
        this.#ledger.redial(key.redials.first);
        continue;
      }
      if (this.#slots.size < this.#limits.maxConnections) {
        this.#ledger.dial(key);
        continue;
      }
      if (coming > 0) coming--;
      else if (!this.#makeRoom(key)) {
        // A leased slot has room for its next socket: it does not wait behind those that have none.
        if (this.#queue.redialable.size === 0) break;
        handshakes++;
        touched.add(key);
        dialable.remove(key);
        continue;
      }
      key.reserved++;
      touched.add(key);
      if (!this.#wantsMore(key)) dialable.remove(key);
    }
    for (const key of touched) {
      key.reserved = 0;
      this.#queue.refresh(key, this.#ledger.now);
    }
    return key === undefined && heldBack > 0 && dialable.size === 1;
  }

  #wantsMore(key: Key<P>): boolean {
    return key.failing === undefined &&
      key.connecting + key.reserved < key.waiting &&
      key.size + key.reserved < this.#limits.maxConnectionsPerKey;
  }

  #holdsItsShare(key: Key<P>): boolean {
    return key.handshakes + key.reserved >= this.#share;
  }

  #makeRoom(key: Key<P>): boolean {
    const slot = this.#evictable(key);
    if (slot === undefined) return this.#abortUnwantedDial();
    this.#ledger.retire(slot, "evicted");
    return true;
  }

  /** The least recently used idle slot of another key; the key's own oldest only if it wants a never-leased one. */
  #evictable(key: Key<P>): Slot<P> | undefined {
    return this.#slots.leastRecent(key) ??
      (key.freshWaiters.size > 0 ? key.idle.first : undefined);
  }

  #abortUnwantedDial(isMeant?: (key: Key<P>) => boolean): boolean {
    for (const slot of this.#slots.connecting) {
      const { key } = slot;
      if (key.connecting <= key.waiting || isMeant?.(key) === false) continue;
      this.#ledger.abortDial(slot);
      return true;
    }
    return false;
  }
}
