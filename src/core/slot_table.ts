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
  #lastOrder = 0;

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
      if (state === probing) this.#putBack(slot);
      else this.#append(slot);
    } else if (next === probing) {
      key.probing++;
    } else if (next === closing) {
      key.closing++;
    } else if (next === gone) {
      key.size--;
      this.all.delete(slot);
    }
  }

  #append(slot: Slot<P>): void {
    slot.idleOrder = ++this.#lastOrder;
    slot.key.idle.push(slot);
    this.idle.push(slot.idleEntry);
  }

  /** A probe is no use of the connection: it goes back to where it was. That is near the front, since the longest silent are probed. */
  #putBack(slot: Slot<P>): void {
    const order = slot.idleOrder;
    let after = slot.key.idle.first;
    while (after !== undefined && after.idleOrder < order) after = after.next;
    slot.key.idle.insert(slot, after);
    let entry = this.idle.first;
    while (entry !== undefined && entry.slot.idleOrder < order) {
      entry = entry.next;
    }
    this.idle.insert(slot.idleEntry, entry);
  }
}
