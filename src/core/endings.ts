/**
 * How slots leave the pool: retired, lost, closed, or given up on.
 *
 * @module
 */
import type { RetireReason } from "./actions.ts";
import { cancelAlarm, setAlarm } from "./deadlines.ts";
import type { Ledger } from "./ledger.ts";
import { settleBooks } from "./queue.ts";
import { type Doom, type Payload, type Slot, SlotState } from "./slot.ts";
import { moveSlot } from "./slots.ts";

const { leased, probing, resetting, closing, gone } = SlotState;

/** Nobody uses a present slot again once its holder is done with it. */
export function doomAll<P extends Payload>(
  { slots }: Ledger<P>,
  doom: Doom,
): void {
  for (const slot of slots) slot.doom = doom;
}

export function retire<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  reason: RetireReason,
): void {
  endHook(ledger, slot);
  ledger.counters.retired[reason]++;
  beginClosing(ledger, slot);
  ledger.actions.push({ kind: "retire", slot, reason });
}

/** A slot leaves whose socket is closed already. */
export function retireClosed<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  reason: RetireReason,
): void {
  ledger.counters.retired[reason]++;
  forget(ledger, slot);
  ledger.actions.push({ kind: "retire", slot, reason });
}

/** A leased connection is lost though its socket is not closed yet. */
export function loseOpen<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  ledger.counters.retired.lost++;
  beginClosing(ledger, slot);
  ledger.actions.push({ kind: "hang-up", slot }, { kind: "lost", slot });
}

/** An open socket closed unasked. */
export function lose<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  const wasLeased = slot.state === leased;
  endHook(ledger, slot);
  ledger.counters.retired.lost++;
  forget(ledger, slot);
  ledger.actions.push(
    wasLeased
      ? { kind: "lost", slot }
      : { kind: "retire", slot, reason: "lost" },
  );
}

export function beginClosing<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  moveSlot(ledger, slot, closing);
  setAlarm(ledger, slot, "alarm", ledger.limits.closeTimeout);
  settleBooks(ledger, slot.key);
}

export function forget<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  ledger.rate?.giveBack(slot);
  cancelAlarm(ledger, slot, "alarm");
  cancelAlarm(ledger, slot, "lifetime");
  ledger.overdue.delete(slot);
  moveSlot(ledger, slot, gone);
  settleBooks(ledger, slot.key);
}

/**
 * Gives up on a socket that does not close, unless too many linger: then it
 * holds its slot. A pool that ends dials no more, and waits for none of them.
 */
export function abandon<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  if (ledger.phase === "open" && !ledger.mayLinger) {
    ledger.overdue.add(slot);
    return;
  }
  ledger.lingering++;
  forget(ledger, slot);
  ledger.actions.push({ kind: "abandon", slot });
}

/** An abandoned socket closed after all: one that holds its slot may linger in its place. */
export function endLingering<P extends Payload>(ledger: Ledger<P>): void {
  ledger.lingering--;
  for (const slot of ledger.overdue) {
    abandon(ledger, slot);
    return;
  }
}

function endHook<P extends Payload>(
  { actions }: Ledger<P>,
  slot: Slot<P>,
): void {
  if (slot.state === probing || slot.state === resetting) {
    actions.push({ kind: "abort-hook", slot });
  }
}
