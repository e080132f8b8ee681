/**
 * The maintenance tick: idle ages and probes.
 *
 * Ages are measured from the last tick, so that granting and returning a
 * connection reads no clock. A stamp may be one tick old; therefore an age must
 * exceed its limit by a tick, and no connection is retired early.
 *
 * @module
 */
import { retire } from "./endings.ts";
import { probe } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import { tickInterval } from "./limits.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";

/** Share of the interval by which probes of connections born together are spread. */
const PROBE_SPREAD = 0.1;

/** Stands for "never": a connection of which nothing is known since a standstill. Finite, so that two of them can be compared. */
const UNPROVEN = -Number.MAX_VALUE;

/** A connection is open: the tick has something to look at. */
export function startTicking<P extends Payload>(ledger: Ledger<P>): void {
  if (ledger.tickAt !== Infinity) return;
  ledger.tickedAt = ledger.now;
  ledger.tickAt = ledger.now + tickInterval(ledger.limits);
}

export function tick<P extends Payload>(ledger: Ledger<P>): void {
  const { now, limits, slots } = ledger;
  const interval = tickInterval(limits);
  ledger.tickedAt = now;
  const oldest = now - limits.maxIdleTime - interval;
  for (const slot of slots) {
    if (slot.state === SlotState.idle && slot.since <= oldest) {
      retire(ledger, slot, "idle");
    }
  }
  probeDue(ledger);
  // Leased connections need it too: their handles are registered, and their last messages dated, by the tick.
  const isNeeded = slots.size > ledger.connecting.size + ledger.closing;
  ledger.tickAt = isNeeded ? now + interval : Infinity;
  ledger.actions.push({ kind: "tick" });
}

/** Starts the probes that are due, a few at once: those that were silent longest. */
export function probeDue<P extends Payload>(ledger: Ledger<P>): void {
  const { limits: { healthCheckInterval, maxProbing }, tickedAt } = ledger;
  const room = maxProbing - ledger.probing;
  if (healthCheckInterval === Infinity || room <= 0) return;
  const due: Slot<P>[] = [];
  for (const slot of ledger.slots) {
    if (slot.state !== SlotState.idle) continue;
    const spread = 1 - PROBE_SPREAD * slot.spread;
    if (tickedAt - slot.checkedAt >= healthCheckInterval * spread) {
      due.push(slot);
    }
  }
  due.sort((one, other) => one.checkedAt - other.checkedAt);
  for (const slot of due.slice(0, room)) {
    slot.checkedAt = tickedAt;
    probe(ledger, slot);
  }
}

/** Takes a standstill out of the ages, and has every idle connection probed once. */
export function restamp<P extends Payload>(
  ledger: Ledger<P>,
  late: number,
): void {
  // What ends before the next tick is dated by this one.
  ledger.tickedAt += late;
  for (const slot of ledger.slots) {
    const { state } = slot;
    if (state !== SlotState.idle && state !== SlotState.probing) continue;
    slot.since += late;
    // A probe under way is proof enough.
    if (state === SlotState.idle) slot.checkedAt = UNPROVEN;
    else slot.checkedAt += late;
  }
}
