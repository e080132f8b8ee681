/**
 * The pending `warm` calls: dials for them take nothing from anybody.
 *
 * @module
 */
import { Warmer } from "./alarm.ts";
import { dial, isRationed, wakeForRate } from "./dials.ts";
import type { Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import { dialShare } from "./limits.ts";
import { mayTry, settleBooks } from "./queue.ts";
import type { Payload } from "./slot.ts";

export function addWarmer<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
  count: number,
  at: number,
  ticket: P["warmTicket"],
): Warmer<P> {
  const warmer = new Warmer(key, count, at, ticket);
  ledger.warmers.add(warmer);
  if (at !== Infinity) ledger.deadlines.put(warmer);
  key.warmers++;
  // Nobody joins, or is handed a connection, past it.
  ledger.revision++;
  return warmer;
}

/** Ends a `warm`, with what is idle by now; its dials in flight go on. */
export function endWarmer<P extends Payload>(
  ledger: Ledger<P>,
  warmer: Warmer<P>,
): void {
  if (!ledger.warmers.delete(warmer)) return;
  const { key } = warmer;
  ledger.deadlines.remove(warmer);
  key.warmers--;
  ledger.actions.push({ kind: "warmed", warmer, idle: resting(key) });
  settleBooks(ledger, key);
}

/** Ends those of one key, or all. */
export function endWarmers<P extends Payload>(
  ledger: Ledger<P>,
  key?: Key<P>,
): void {
  for (const warmer of ledger.warmers) {
    if (key === undefined || warmer.key === key) endWarmer(ledger, warmer);
  }
}

/** Dials where there is room, and ends what is done or can get no further. */
export function runWarmers<P extends Payload>(ledger: Ledger<P>): void {
  if (ledger.warmers.size === 0) return;
  for (const warmer of ledger.warmers) dialFor(ledger, warmer);
  // Only now: a later one may have taken the last room of an earlier one.
  for (const warmer of ledger.warmers) {
    const { key, count } = warmer;
    const isStuck = coming(key) === 0 && !hasRoom(ledger, key);
    if (resting(key) >= count || isStuck) endWarmer(ledger, warmer);
  }
}

function dialFor<P extends Payload>(
  ledger: Ledger<P>,
  { key, count }: Warmer<P>,
): void {
  while (
    resting(key) + coming(key) < count && hasRoom(ledger, key) &&
    ledger.handshakes < ledger.limits.maxConnecting && ledger.rateAllows &&
    !holdsItsShare(ledger, key) && !isRationed(ledger, key)
  ) dial(ledger, key);
  if (!ledger.rateAllows) wakeForRate(ledger);
}

function resting<P extends Payload>(key: Key<P>): number {
  return key.idle.length + key.probing;
}

/** Dials in flight that nobody waits for. */
function coming<P extends Payload>(key: Key<P>): number {
  return Math.max(0, key.connecting - key.waiting);
}

function hasRoom<P extends Payload>(ledger: Ledger<P>, key: Key<P>): boolean {
  const { slots, limits } = ledger;
  return slots.size < limits.maxConnections &&
    key.size < limits.maxConnectionsPerKey && mayTry(ledger, key);
}

/** While anybody wants to dial, a key's share of the handshakes is all it gets (4.3). */
function holdsItsShare<P extends Payload>(
  { limits, dialable }: Ledger<P>,
  key: Key<P>,
): boolean {
  return dialable.size > 0 && key.handshakes >= dialShare(limits);
}
