/**
 * What befalls a slot between two dials: it is leased, reset, probed, and rests.
 * Every opened, released, reset or probed one passes through `place`.
 *
 * @module
 */
import { cancelAlarm, setAlarm } from "./deadlines.ts";
import { retire } from "./endings.ts";
import type { Ledger } from "./ledger.ts";
import {
  idleChanged,
  isOwedBefore,
  noteGrant,
  refresh,
  removeWaiter,
} from "./queue.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import { moveSlot, putBack, restSlot } from "./slots.ts";
import type { Waiter } from "./waiter.ts";

const { connecting, leased, probing, resetting } = SlotState;

/** A connection is free to be used: to a waiter with it, to rest, or out. */
export function place<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  const { key, doom } = slot;
  if (doom !== undefined) {
    retire(ledger, slot, doom);
    return;
  }
  const waiter = slot.isUnused ? key.oldestWaiter : key.waiters.first?.first;
  if (waiter === undefined) rest(ledger, slot);
  else if (mustMakeRoom(ledger, slot, waiter)) retire(ledger, slot, "evicted");
  else grant(ledger, slot, waiter);
}

/** Whether `slot` has to make room for a waiter that `waiter` would overtake once too often (4.3). */
function mustMakeRoom<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  waiter: Waiter<P>,
): boolean {
  const { limits, slots, closing, handshakes } = ledger;
  // One that has just opened holds its handshake no longer.
  const freed = slot.state === connecting ? 1 : 0;
  return isOwedBefore(ledger, waiter) &&
    slots.size >= limits.maxConnections && closing === 0 &&
    handshakes - freed < limits.maxConnecting && ledger.rateAllows;
}

function grant<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  waiter: Waiter<P>,
): void {
  noteGrant(ledger, waiter);
  removeWaiter(ledger, waiter);
  if (slot.state !== leased) moveSlot(ledger, slot, leased);
  beginLease(ledger, slot);
  watchLease(ledger, slot);
  refresh(ledger, slot.key);
  ledger.actions.push({ kind: "grant", slot, lease: slot.lease, waiter });
}

/** The slot has its next number: whoever knows it holds the connection. */
function beginLease<P extends Payload>(
  { counters }: Ledger<P>,
  slot: Slot<P>,
): void {
  if (slot.lease++ === 0) counters.acquiredUnused++;
  counters.acquired++;
}

/** Has a lease that begins now announced as a leak when it lasts too long. */
export function watchLease<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  if (ledger.tracksLeaks) {
    setAlarm(ledger, slot, "alarm", ledger.limits.leakThreshold);
  }
}

/** The holder's part of a release: its number is dead from here on (I7). */
export function endLease<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  slot.lease++;
  ledger.counters.released++;
  if (slot.state === leased) cancelAlarm(ledger, slot, "alarm");
}

function rest<P extends Payload>(ledger: Ledger<P>, slot: Slot<P>): void {
  const isNew = slot.state === connecting;
  // A probe neither uses a connection nor makes it younger.
  if (slot.state === probing) {
    putBack(ledger, slot);
  } else {
    slot.since = slot.checkedAt = ledger.tickedAt;
    restSlot(ledger, slot);
  }
  // Nobody has waited for this dial.
  if (isNew) refresh(ledger, slot.key);
  else idleChanged(ledger, slot.key);
}

export function reset<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  moveSlot(ledger, slot, resetting);
  setAlarm(ledger, slot, "alarm", ledger.limits.resetTimeout);
  ledger.actions.push({ kind: "reset", slot });
}

export function probe<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  moveSlot(ledger, slot, probing);
  idleChanged(ledger, slot.key);
  setAlarm(ledger, slot, "alarm", ledger.limits.healthCheckTimeout);
  ledger.actions.push({ kind: "probe", slot });
}
