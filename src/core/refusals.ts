/**
 * Every answer to a waiter but a connection: full queue, deadline, failed dial,
 * closed pool.
 *
 * @module
 */
import type { Refusal, WaitingFor } from "./actions.ts";
import { recordFailedDial } from "./failures.ts";
import type { Key } from "./key.ts";
import type { Counters, Ledger } from "./ledger.ts";
import { removeWaiter, settleBooks, unreserved } from "./queue.ts";
import type { Payload, Slot } from "./slot.ts";
import type { Waiter } from "./waiter.ts";

/** Which total a refusal is counted in. */
const TOTALS = {
  closed: "closed",
  failed: "failed",
  "dial-timeout": "failed",
  timeout: "exhausted",
  "queue-full": "exhausted",
} as const satisfies Record<Refusal<Payload>["kind"], keyof Counters>;

export function refuseWaiter<P extends Payload>(
  ledger: Ledger<P>,
  waiter: Waiter<P>,
  refusal: Refusal<P>,
): void {
  ledger.counters[TOTALS[refusal.kind]]++;
  ledger.actions.push({ kind: "refuse", waiter, refusal });
  leaveQueue(ledger, waiter);
}

/** Takes the waiter out of the queue, unanswered. */
export function leaveQueue<P extends Payload>(
  ledger: Ledger<P>,
  waiter: Waiter<P>,
): void {
  removeWaiter(ledger, waiter);
  settleBooks(ledger, waiter.cohort.key);
}

/** The waiter's deadline has passed. */
export function expire<P extends Payload>(
  ledger: Ledger<P>,
  waiter: Waiter<P>,
): void {
  const attempts = waiter.cohort.key.failing?.attempts ?? 0;
  refuseWaiter(
    ledger,
    waiter,
    ownsDial(waiter)
      ? { kind: "dial-timeout", attempts }
      : { kind: "timeout", waitingFor: shortOf(ledger) },
  );
}

/** Refuses the key's waiters, oldest first: all of them, or one. */
export function refuseWaiters<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
  refusal: Refusal<P>,
  all = true,
): void {
  let waiter = key.oldestWaiter;
  while (waiter !== undefined) {
    refuseWaiter(ledger, waiter, refusal);
    waiter = all ? key.oldestWaiter : undefined;
  }
}

/** What the pool is short of at this moment. */
export function shortOf<P extends Payload>(
  { slots, limits, rateAllows, handshakes }: Ledger<P>,
): WaitingFor {
  if (slots.size >= limits.maxConnections) return "slot";
  if (!rateAllows) return "rate";
  return handshakes >= limits.maxConnecting ? "dial-slot" : "slot";
}

/** How many waiters have neither a dial in flight nor a chance of one. */
export function unreservedWaiters<P extends Payload>(
  ledger: Ledger<P>,
): number {
  const { slots, limits, idle, closing } = ledger;
  return unreserved(
    ledger,
    limits.maxConnections - slots.size + idle + closing,
  );
}

/**
 * A dial failed.
 *
 * - Where connections are reconnected, waiters keep waiting for the next
 *   trial; else the oldest is refused, and all of them when it was the last
 *   dial in flight (4.2).
 * - A fatal failure, or one too many, refuses all of them in either case.
 */
export function dialFailed<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  failure: P["failure"],
  fatal: boolean,
  random: number,
): void {
  const { key } = slot;
  const { maxReconnectAttempts } = ledger.limits;
  ledger.counters.connectFailures++;
  const attempts = recordFailedDial(ledger, slot, failure, fatal, random);
  if (!fatal && attempts < maxReconnectAttempts) return;
  const all = fatal || maxReconnectAttempts > 0 || key.connecting === 0;
  refuseWaiters(ledger, key, { kind: "failed", failure, attempts }, all);
}

/** Whether a dial in flight or in backoff is this waiter's by its place in the queue. */
function ownsDial<P extends Payload>(waiter: Waiter<P>): boolean {
  const { key } = waiter.cohort;
  const isBackingOff = key.connecting === 0 && key.failing !== undefined;
  return key.isAmongFirst(isBackingOff ? 1 : key.connecting, waiter);
}
