/**
 * Which slots there are, the state each is in, and the collections and counts
 * that follow from the states (I1, I2).
 *
 * @module
 */
import type { Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import { type Payload, Slot, SlotState } from "./slot.ts";

const { connecting, idle, leased, probing, resetting, closing, gone } =
  SlotState;

/** A new slot, connecting. */
export function addSlot<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): Slot<P> {
  const slot = new Slot(++ledger.lastId, key);
  ledger.slots.push(slot);
  ledger.connecting.add(slot);
  key.size++;
  key.connecting++;
  return slot;
}

/** A slot was used, and rests. */
export function restSlot<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  const { state } = slot;
  slot.become(idle);
  if (state !== leased) leave(ledger, slot, state);
  slot.key.idle.push(slot);
  ledger.idle++;
  slot.idleOrder = ++ledger.lastOrder;
  if (slot.heapIndex < 0) ledger.ranking.put(slot, slot.idleOrder);
}

/** A probe is no use of the connection: it goes back to where it was. */
export function putBack<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  const { state, idleOrder, key } = slot;
  slot.become(idle);
  leave(ledger, slot, state);
  const newer = key.idle.findIndex((each) => each.idleOrder > idleOrder);
  key.idle.splice(newer < 0 ? key.idle.length : newer, 0, slot);
  ledger.idle++;
  if (slot.heapIndex < 0) ledger.ranking.put(slot, idleOrder);
}

/** Moves a slot to a state that is not `idle`. */
export function moveSlot<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  next: Exclude<SlotState, typeof idle>,
): void {
  const { key, state } = slot;
  slot.become(next);
  if (state === idle) {
    removeIdle(key.idle, slot);
    ledger.idle--;
  } else leave(ledger, slot, state);
  if (next === probing) {
    key.probing++;
    ledger.probing++;
  } else if (next === resetting) {
    ledger.resetting++;
  } else if (next === closing) {
    key.closing++;
    ledger.closing++;
    ledger.ranking.remove(slot);
  } else if (next === gone) {
    key.size--;
    ledger.slots.remove(slot);
    ledger.ranking.remove(slot);
  }
}

/**
 * The least recently used idle slot of any other key.
 *
 * The order of last use over all keys matters here only, so the ranking is
 * brought up to date here: a lease and a release leave it alone. The rank of a
 * slot in it is never above its true one, so a slot at the front whose rank is
 * true is the least recently used.
 */
export function leastRecent<P extends Payload>(
  { ranking }: Ledger<P>,
  except: Key<P>,
): Slot<P> | undefined {
  const aside: Slot<P>[] = [];
  let slot = ranking.first;
  for (; slot !== undefined; slot = ranking.first) {
    if (slot.state !== idle) ranking.remove(slot);
    else if (slot.rank !== slot.idleOrder) ranking.put(slot, slot.idleOrder);
    else if (slot.key !== except) break;
    else {
      ranking.remove(slot);
      aside.push(slot);
    }
  }
  for (const each of aside) ranking.put(each, each.idleOrder);
  return slot;
}

/** Takes a slot out of what a state, other than `idle`, has counted it in. */
function leave<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  state: SlotState,
): void {
  const { key } = slot;
  if (state === connecting) {
    key.connecting--;
    ledger.connecting.delete(slot);
  } else if (state === probing) {
    key.probing--;
    ledger.probing--;
  } else if (state === resetting) {
    ledger.resetting--;
  } else if (state === closing) {
    key.closing--;
    ledger.closing--;
  }
}

/** Takes a slot out of the idle ones of its key: the first and the last are found at once, any other costs a search. */
function removeIdle<P extends Payload>(
  stack: Slot<P>[],
  slot: Slot<P>,
): void {
  if (stack.at(-1) === slot) stack.pop();
  else if (stack[0] === slot) stack.shift();
  else stack.splice(stack.indexOf(slot), 1);
}
