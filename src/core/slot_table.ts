import type { Key } from "./key.ts";
import { LinkedList } from "./linked_list.ts";
import { type IdleEntry, type Payload, Slot, SlotState } from "./slot.ts";

const { connecting, idle, probing, closing, gone } = SlotState;

/**
 * All slots of the pool: which there are, the state each is in, and the
 * collections and counts that follow from the states (I1, I2).
 */
export class SlotTable<P extends Payload> {
  readonly all: Set<Slot<P>> = new Set();
  /** Idle slots of all keys, least recently used first. */
  readonly idle: LinkedList<IdleEntry<P>> = new LinkedList();
  readonly connecting: Set<Slot<P>> = new Set();
  /** Leased slots whose new socket is being opened. */
  readonly redialling: Set<Slot<P>> = new Set();
  readonly #counts = [0, 0, 0, 0, 0, 0, 0];
  #lastId = 0;

  get size(): number {
    return this.all.size;
  }

  /** Dials in flight. */
  get handshakes(): number {
    return this.connecting.size + this.redialling.size;
  }

  count(state: SlotState): number {
    // There is a count for every state.
    return this.#counts[state]!;
  }

  /** A new slot, connecting. */
  add(key: Key<P>, generation: number): Slot<P> {
    const slot = new Slot(++this.#lastId, key, generation);
    this.all.add(slot);
    this.connecting.add(slot);
    this.#counts[connecting]!++;
    key.size++;
    key.connecting++;
    return slot;
  }

  move(slot: Slot<P>, next: SlotState): void {
    const { key, state } = slot;
    slot.become(next);
    this.#counts[state]!--;
    this.#counts[next]!++;
    if (state === idle) {
      key.idle.remove(slot);
      this.idle.remove(slot.idleEntry);
    } else if (state === connecting) {
      key.connecting--;
      this.connecting.delete(slot);
    } else if (state === probing) {
      key.probing--;
    } else if (state === closing) {
      key.closing--;
    }
    if (next === idle) {
      key.idle.push(slot);
      this.idle.push(slot.idleEntry);
    } else if (next === probing) {
      key.probing++;
    } else if (next === closing) {
      key.closing++;
    } else if (next === gone) {
      key.size--;
      this.all.delete(slot);
    }
  }
}
