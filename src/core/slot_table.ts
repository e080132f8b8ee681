import type { Key } from "./key.ts";
import { RankedHeap } from "./ranked_heap.ts";
import { type Payload, Slot, SlotState } from "./slot.ts";

const { connecting, idle, leased, probing, resetting, closing, gone } =
  SlotState;

/**
 * All slots of the pool: which there are, the state each is in, and the
 * collections and counts that follow from the states (I1, I2).
 *
 * The order of last use over all keys matters to an eviction only, so the
 * ranking is brought up to date there: a lease and a release leave it alone.
 * The rank of a slot in it is never above its true one, so a slot at the front
 * whose rank is true is the least recently used.
 */
export class SlotTable<P extends Payload> {
  readonly all: Set<Slot<P>> = new Set();
  readonly connecting: Set<Slot<P>> = new Set();
  /** Leased slots whose new socket is being opened. */
  readonly redialling: Set<Slot<P>> = new Set();
  /** Slots by state. */
  idle = 0;
  probing = 0;
  resetting = 0;
  closing = 0;
  /** Every idle slot, and some that are idle no more. */
  readonly #ranking: RankedHeap<Slot<P>> = new RankedHeap();
  #lastId = 0;
  #lastOrder = 0;

  get size(): number {
    return this.all.size;
  }

  get leased(): number {
    return this.all.size - this.connecting.size - this.idle - this.probing -
      this.resetting - this.closing;
  }

  /** Dials in flight. */
  get handshakes(): number {
    return this.connecting.size + this.redialling.size;
  }

  /** A new slot, connecting. */
  add(key: Key<P>): Slot<P> {
    const slot = new Slot(++this.#lastId, key);
    this.all.add(slot);
    this.connecting.add(slot);
    key.size++;
    key.connecting++;
    return slot;
  }

  /** An idle slot is leased: the half of the hot path. */
  take(slot: Slot<P>): void {
    slot.become(leased);
    slot.key.idle.remove(slot);
    this.idle--;
  }

  /** A slot was used, and rests: the other half. */
  rest(slot: Slot<P>): void {
    const { state } = slot;
    slot.become(idle);
    if (state !== leased) this.#leave(slot, state);
    slot.key.idle.push(slot);
    this.idle++;
    slot.idleOrder = ++this.#lastOrder;
    if (slot.heapIndex < 0) this.#ranking.put(slot, slot.idleOrder);
  }

  /** A probe is no use of the connection: it goes back to where it was. That is near the front, since the longest silent are probed. */
  putBack(slot: Slot<P>): void {
    const { state } = slot;
    slot.become(idle);
    this.#leave(slot, state);
    let after = slot.key.idle.first;
    while (after !== undefined && after.idleOrder < slot.idleOrder) {
      after = after.next;
    }
    slot.key.idle.insert(slot, after);
    this.idle++;
    if (slot.heapIndex < 0) this.#ranking.put(slot, slot.idleOrder);
  }

  /** Moves a slot to a state that is not `idle`. */
  move(slot: Slot<P>, next: Exclude<SlotState, typeof idle>): void {
    const { key, state } = slot;
    slot.become(next);
    if (state === idle) {
      key.idle.remove(slot);
      this.idle--;
    } else this.#leave(slot, state);
    if (next === probing) {
      key.probing++;
      this.probing++;
    } else if (next === resetting) {
      this.resetting++;
    } else if (next === closing) {
      key.closing++;
      this.closing++;
      this.#ranking.remove(slot);
    } else if (next === gone) {
      key.size--;
      this.all.delete(slot);
      this.#ranking.remove(slot);
    }
  }

  /** The least recently used idle slot of any other key. */
  leastRecent(except: Key<P>): Slot<P> | undefined {
    const aside: Slot<P>[] = [];
    let slot = this.#ranking.first;
    for (; slot !== undefined; slot = this.#ranking.first) {
      if (slot.state !== idle) this.#ranking.remove(slot);
      else if (slot.rank !== slot.idleOrder) {
        this.#ranking.put(slot, slot.idleOrder);
      } else if (slot.key !== except) break;
      else {
        this.#ranking.remove(slot);
        aside.push(slot);
      }
    }
    for (const each of aside) this.#ranking.put(each, each.idleOrder);
    return slot;
  }

  /** Takes a slot out of what a state, other than `idle`, has counted it in. */
  #leave(slot: Slot<P>, state: SlotState): void {
    if (state === leased) return;
    const { key } = slot;
    if (state === connecting) {
      key.connecting--;
      this.connecting.delete(slot);
    } else if (state === probing) {
      key.probing--;
      this.probing--;
    } else if (state === resetting) {
      this.resetting--;
    } else if (state === closing) {
      key.closing--;
      this.closing--;
    }
  }
}
