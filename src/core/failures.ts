/**
 * What failed dials and lost connections do to their keys: the backoff, and how
 * long a failure is remembered.
 *
 * @module
 */
import { backoffDelay } from "./backoff.ts";
import type { FailureRecord, Key } from "./key.ts";
import { recordFailure } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import { settleBooks } from "./queue.ts";
import type { Payload, Slot } from "./slot.ts";

/**
 * A dial failed. Dials that were under way together and fail together say the
 * same thing: each is counted, but the backoff grows once.
 *
 * @returns How many failed in a row
 */
export function recordFailedDial<P extends Payload>(
  ledger: Ledger<P>,
  { key, since }: Slot<P>,
  failure: P["failure"],
  fatal: boolean,
  random: number,
): number {
  // A success clears what dials failed before it (4.2).
  const { failing } = key;
  const attempts = (failing?.attempts ?? 0) + 1;
  if (failing !== undefined && since < failing.retryAt && !fatal) {
    recordFailure(ledger, key, { ...failing, attempts, failure });
    settleBooks(ledger, key);
  } else {
    // After a fatal failure the shortest delay is enough: nobody retries it but a new acquire.
    const rounds = fatal ? 1 : (failing?.rounds ?? 0) + 1;
    record(ledger, key, failure, attempts, rounds, random);
  }
  return attempts;
}

/**
 * A leased connection was lost that is to be reconnected. One that had not
 * been up for `resetAfter` goes on counting where the failures before it
 * ended (4.5). Connections that are lost together, as when a server restarts,
 * are one failure: those opened before the last one was known add nothing.
 */
export function recordLoss<P extends Payload>(
  ledger: Ledger<P>,
  { key, openedAt }: Slot<P>,
  random: number,
): void {
  const known = knownOf(ledger, key);
  const isOld = known !== undefined && openedAt < known.retryAt;
  if (isOld && known.isFailing) return;
  const more = isOld ? 0 : 1;
  const attempts = (known?.attempts ?? 0) + more;
  const rounds = (known?.rounds ?? 0) + more;
  record(ledger, key, undefined, attempts, rounds, random);
}

/** A connection ends for good: a host that accepts and breaks off at once must not be dialled in a loop (F81). */
export function recordEnd<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  isClean: boolean,
  random: number,
): void {
  const { now, limits, phase } = ledger;
  if (phase !== "open" || isClean) return;
  if (now - slot.openedAt >= limits.backoff.minDelay) return;
  recordFlap(ledger, slot, random);
}

/**
 * An endpoint took a connection and broke it off at once (F81), or fell
 * silent: bad luck the first time, a failure when it happens again.
 */
export function recordFlap<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  random: number,
): void {
  const { now, limits } = ledger;
  const { key } = slot;
  if (knownOf(ledger, key) !== undefined) {
    recordLoss(ledger, slot, random);
    return;
  }
  recordFailure(ledger, key, {
    isFailing: false,
    attempts: 1,
    rounds: 1,
    failure: undefined,
    retryAt: now,
    forgetAt: now + limits.backoff.resetAfter,
  });
}

/** A backoff lasts no longer than half of what the newcomer has left (4.11). */
export function capBackoff<P extends Payload>(
  { now }: Ledger<P>,
  key: Key<P>,
  deadline: number,
): void {
  const { failing } = key;
  if (failing === undefined || key.handshakes > 0) return;
  const latest = now + (deadline - now) / 2;
  if (latest < failing.retryAt) key.failed = { ...failing, retryAt: latest };
}

/** The key fails from here on: its next dial waits. */
function record<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
  failure: P["failure"] | undefined,
  attempts: number,
  rounds: number,
  random: number,
): void {
  const { limits: { backoff }, now, phase } = ledger;
  if (phase === "open") {
    const retryAt = now + backoffDelay(backoff, rounds, random);
    recordFailure(ledger, key, {
      isFailing: true,
      attempts,
      rounds,
      failure,
      retryAt,
      forgetAt: retryAt + backoff.resetAfter,
    });
  }
  settleBooks(ledger, key);
}

/** What the key did before, while that is of interest. */
function knownOf<P extends Payload>(
  { now }: Ledger<P>,
  { failed }: Key<P>,
): FailureRecord<P> | undefined {
  return failed !== undefined && failed.forgetAt > now ? failed : undefined;
}
