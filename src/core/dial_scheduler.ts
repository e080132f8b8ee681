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

  /** Whether a dial of the key could start if there were room for its socket. */
  couldStart(key: Key<P>): boolean {
    return this.#slots.handshakes < this.#limits.maxConnecting &&
      this.#ledger.rateAllows && this.#queue.mayTry(key, this.#ledger.now);
  }

  /** Whether a free slot has to be converted for a waiter of another key that `waiter` would overtake once too often (4.3). */
  isOwedBefore(waiter: Waiter<P>): boolean {
    const { maxConnections, maxConnecting } = this.#limits;
    return this.#queue.isOwedBefore(waiter, maxConnections) &&
      this.#slots.size >= maxConnections &&
      this.#slots.count(SlotState.closing) === 0 &&
      this.#slots.handshakes < maxConnecting && this.#ledger.rateAllows;
  }

  /** Starts every dial that may start now. */
  run(): void {
    const { dialable } = this.#queue;
    while (dialable.first !== undefined) {
      const lastWanting = this.#runOnce();
      if (!lastWanting) return;
    }
  }

  /** @returns Whether one key was held back by its share for others that now have their dials. */
  #runOnce(): boolean {
    const { dialable } = this.#queue;
    const deferred: Key<P>[] = [];
    let heldBack = 0;
    // Room on its way: what is closing already will be free without evicting.
    let coming = this.#slots.count(SlotState.closing);
    let handshakes = this.#limits.maxConnecting - this.#slots.handshakes;
    let key = dialable.first;
    for (; key !== undefined; key = dialable.first) {
      if (this.#holdsItsShare(key) && dialable.size + heldBack > 1) {
        heldBack++;
        this.#defer(key, deferred);
        continue;
      }
      if (key.failing !== undefined && this.#trials() >= this.#share) {
        this.#defer(key, deferred);
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
      else if (!this.#makeRoom(key)) break;
      key.reserved++;
      if (!this.#wantsMore(key)) this.#defer(key, deferred);
    }
    for (const key of deferred) {
      key.reserved = 0;
      this.#queue.refresh(key, this.#ledger.now);
    }
    return key === undefined && handshakes > 0 && heldBack > 0 &&
      dialable.size === 1 && this.#slots.size < this.#limits.maxConnections;
  }

  #wantsMore(key: Key<P>): boolean {
    return key.failing === undefined &&
      key.connecting + key.reserved < key.waiting &&
      key.size + key.reserved < this.#limits.maxConnectionsPerKey;
  }

  #holdsItsShare(key: Key<P>): boolean {
    return key.handshakes + key.reserved >= this.#share;
  }

  /** Dials in flight of failing keys. */
  #trials(): number {
    let count = 0;
    for (const { key } of this.#slots.connecting) if (key.failing) count++;
    for (const { key } of this.#slots.redialling) if (key.failing) count++;
    return count;
  }

  #defer(key: Key<P>, deferred: Key<P>[]): void {
    this.#queue.dialable.remove(key);
    deferred.push(key);
  }

  #makeRoom(key: Key<P>): boolean {
    const slot = this.#evictable(key);
    if (slot === undefined) return this.#abortUnwantedDial();
    this.#ledger.retire(slot, "evicted");
    return true;
  }

  /** The least recently used idle slot of another key; the key's own oldest only if it wants a never-leased one. */
  #evictable(key: Key<P>): Slot<P> | undefined {
    for (let entry = this.#slots.idle.first; entry; entry = entry.next) {
      if (entry.slot.key !== key) return entry.slot;
    }
    return key.freshWaiters.size > 0 ? key.idle.first : undefined;
  }

  #abortUnwantedDial(): boolean {
    for (const slot of this.#slots.connecting) {
      if (slot.key.connecting <= slot.key.waiting) continue;
      this.#ledger.abortDial(slot);
      return true;
    }
    return false;
  }
}
