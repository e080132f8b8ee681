/**
 * The end of the pool: leases may drain, everything else goes at once.
 *
 * @module
 */
import { Timer } from "./alarm.ts";
import { abortDial, endRateWait } from "./dials.ts";
import { abandon, doomAll, retire } from "./endings.ts";
import { clearFailures } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import { settleBooks } from "./queue.ts";
import { dropRedial } from "./redials.ts";
import { refuseWaiters } from "./refusals.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import { endWarmers } from "./warming.ts";

const { idle, leased, probing, resetting } = SlotState;

export function beginShutdown<P extends Payload>(
  ledger: Ledger<P>,
  drainTimeout: number,
): void {
  for (const key of [...ledger.keys.values()]) {
    refuseWaiters(ledger, key, { kind: "closed" });
  }
  endWarmers(ledger);
  ledger.phase = "draining";
  doomAll(ledger, "closed");
  for (const slot of [...ledger.overdue]) abandon(ledger, slot);
  for (const key of clearFailures(ledger)) settleBooks(ledger, key);
  for (const slot of [...ledger.connecting]) abortDial(ledger, slot);
  for (const slot of [...ledger.slots]) {
    const { state } = slot;
    if (state === idle || state === probing || state === resetting) {
      retire(ledger, slot, "closed");
    } else if (slot.redial !== undefined) {
      // Nothing is dialled any more: there is nothing to drain.
      revoke(ledger, slot);
    }
  }
  endRateWait(ledger);
  if (drainTimeout === 0) {
    revokeLeases(ledger);
  } else if (drainTimeout !== Infinity) {
    ledger.drain = new Timer("drain", ledger.now + drainTimeout, undefined);
    ledger.deadlines.put(ledger.drain);
  }
}

/** The time to drain is over: whoever still holds a connection loses it. */
export function revokeLeases<P extends Payload>(ledger: Ledger<P>): void {
  for (const slot of [...ledger.slots]) {
    if (slot.state === leased) revoke(ledger, slot);
  }
}

function revoke<P extends Payload>(ledger: Ledger<P>, slot: Slot<P>): void {
  const lease = slot.lease++;
  ledger.forced++;
  ledger.actions.push({ kind: "revoke", slot, lease });
  if (slot.redial === undefined) retire(ledger, slot, "closed");
  else dropRedial(ledger, slot.redial, "closed");
}

/** Ends the shutdown once nothing is left. */
export function finishShutdown<P extends Payload>(ledger: Ledger<P>): void {
  if (ledger.phase !== "draining" || ledger.slots.size > 0) return;
  ledger.phase = "closed";
  if (ledger.drain !== undefined) ledger.deadlines.remove(ledger.drain);
  ledger.tickAt = Infinity;
  const { drained, forced } = ledger;
  ledger.actions.push({ kind: "closed", drained, forced });
}
