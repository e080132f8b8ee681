/**
 * All waiters, and what follows from them: which keys could dial now, and how
 * many waiters have nothing reserved for them.
 *
 * Overtaking (4.3) is counted once for the pool, when a waiter is granted a
 * connection while the key of an older one could dial if only there were room;
 * it may be the same key, if the older one wants a never-leased connection.
 * Whoever arrived when the count stood at n has been overtaken at most
 * `count - n` times: that bound costs one number per cohort, whatever the
 * number of keys.
 *
 * @module
 */
import { Timer } from "./alarm.ts";
import type { Key } from "./key.ts";
import { dropIfUnused } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import { dialShare } from "./limits.ts";
import type { Payload } from "./slot.ts";
import type { Cohort, Waiter } from "./waiter.ts";

/** Adds a member to a cohort, which enters its key's queue with the first one. */
export function addWaiter<P extends Payload>(
  ledger: Ledger<P>,
  cohort: Cohort<P>,
  answer: P["answer"],
): Waiter<P> {
  const { key, last } = cohort;
  const waiter: Waiter<P> = {
    next: undefined,
    sequence: ++ledger.sequence,
    cohort,
    answer,
  };
  if (last === undefined) openCohort(cohort, waiter);
  else last.next = waiter;
  cohort.last = waiter;
  key.waiting++;
  ledger.waiting++;
  return waiter;
}

function openCohort<P extends Payload>(
  cohort: Cohort<P>,
  first: Waiter<P>,
): void {
  const { key, fresh } = cohort;
  cohort.first = first;
  (fresh ? key.freshWaiters : key.waiters).push(cohort);
}

/** Gives those who began to wait together their times. */
export function stampCohort<P extends Payload>(
  { deadlines }: Ledger<P>,
  cohort: Cohort<P>,
  now: number,
): void {
  if (cohort.first === undefined) return;
  cohort.since = now;
  cohort.rank = now + cohort.timeout;
  if (cohort.rank !== Infinity) deadlines.put(cohort);
}

/** Takes out the first of a cohort to settle it (I5): nobody leaves from the middle. */
export function removeWaiter<P extends Payload>(
  ledger: Ledger<P>,
  waiter: Waiter<P>,
): void {
  const { cohort, next } = waiter;
  const { key } = cohort;
  cohort.first = next;
  // Whoever holds on to it keeps nobody else.
  waiter.next = undefined;
  key.waiting--;
  ledger.waiting--;
  if (next === undefined) endCohort(ledger, cohort);
}

/** The last member of a cohort has left. */
export function endCohort<P extends Payload>(
  { deadlines }: Ledger<P>,
  cohort: Cohort<P>,
): void {
  const { key, fresh } = cohort;
  cohort.last = undefined;
  (fresh ? key.freshWaiters : key.waiters).remove(cohort);
  deadlines.remove(cohort);
}

/** Brings the books up to date after the key's waiters, slots or failures changed. */
export function refresh<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): void {
  ledger.revision++;
  const { maxConnectionsPerKey } = ledger.limits;
  const { demand } = key;
  const unclaimed = Math.max(0, key.connecting - key.waiting);
  const replaceable = key.freshWaiters.size > 0 ? key.idle.length : 0;
  const room = maxConnectionsPerKey - key.size + key.closing + replaceable;
  const blocked = Math.max(0, demand - room);
  ledger.unclaimed += unclaimed - key.unclaimed;
  ledger.blocked += blocked - key.blocked;
  key.unclaimed = unclaimed;
  key.blocked = blocked;

  const isFree = mayTry(ledger, key);
  const rank = rankOf(key, maxConnectionsPerKey);
  if (isFree && rank !== Infinity) {
    const { first } = ledger.dialable;
    // Hand-overs leave the rank of one that is alone behind.
    if (first !== undefined) {
      ledger.dialable.put(first, rankOf(first, maxConnectionsPerKey));
    }
    ledger.dialable.put(key, rank);
  } else ledger.dialable.remove(key);
  toggle(ledger.redialable, key, isFree && key.redials.size > 0);
  // A failing key has one trial, so it needs room for one.
  const wanted = key.failing === undefined ? demand : Math.min(1, demand);
  const isAtLimit = key.size >= maxConnectionsPerKey;
  const hasWaste = wanted > key.closing && key.idle.length > 0;
  toggle(ledger.yielding, key, isFree && isAtLimit && hasWaste);
  setWake(ledger, key, demand > 0 || key.redials.size > 0);
}

/** After something left: the books, and the record itself. */
export function settleBooks<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): void {
  refresh(ledger, key);
  dropIfUnused(ledger, key);
}

/** Only waiters for a never-leased connection wait beside idle ones, and count on them. */
export function idleChanged<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): void {
  if (key.freshWaiters.size > 0) refresh(ledger, key);
}

/** Whether nothing in the key's own past forbids a dial: a failing key has one trial at a time, after its backoff. */
export function mayTry<P extends Payload>(
  { now }: Ledger<P>,
  { failing, handshakes }: Key<P>,
): boolean {
  return failing === undefined || (handshakes === 0 && failing.retryAt <= now);
}

/**
 * How many waiters have neither a dial in flight nor room for one.
 *
 * @param room Slots that are free, or that will be if somebody asks
 */
export function unreserved<P extends Payload>(
  { demand, blocked }: Ledger<P>,
  room: number,
): number {
  return blocked + Math.max(0, demand - blocked - room);
}

/** Notes that `waiter` is about to be served before an older one that could have had a dial. */
export function noteGrant<P extends Payload>(
  ledger: Ledger<P>,
  waiter: Waiter<P>,
): void {
  const oldest = oldestUnderShare(ledger);
  if (oldest !== undefined && oldest.sequence < waiter.sequence) {
    ledger.overtakings++;
  }
}

/** Whether an older waiter that could have a dial has been overtaken as often as it may be. */
export function isOwedBefore<P extends Payload>(
  ledger: Ledger<P>,
  waiter: Waiter<P>,
): boolean {
  const oldest = oldestUnderShare(ledger);
  return oldest !== undefined && oldest.sequence < waiter.sequence &&
    ledger.overtakings - oldest.cohort.overtakings >=
      ledger.limits.maxConnections;
}

/** Room made for a key that holds its share of the handshakes would go to another. */
function oldestUnderShare<P extends Payload>(
  { dialable, limits }: Ledger<P>,
): Waiter<P> | undefined {
  const share = dialShare(limits);
  return dialable.firstWhere((key) => key.handshakes < share)?.oldestWaiter;
}

/** The arrival of whoever has waited longest for a dial of the key, `Infinity` if none is wanted. */
function rankOf<P extends Payload>(key: Key<P>, mostSlots: number): number {
  const redial = key.nextRedial?.rank ?? Infinity;
  const oldest = key.oldestWaiter;
  return key.demand > 0 && key.size < mostSlots && oldest !== undefined
    ? Math.min(redial, oldest.sequence)
    : redial;
}

/** A waiting, failing key with no trial under way is woken at the end of its backoff. */
function setWake<P extends Payload>(
  { deadlines, now }: Ledger<P>,
  key: Key<P>,
  isWanted: boolean,
): void {
  const { failing, wake } = key;
  // One that is due and has not rung stays: a shortcut looks, and lets nothing begin.
  const at = failing !== undefined && isWanted && key.handshakes === 0 &&
      (failing.retryAt > now || failing.retryAt === wake?.rank)
    ? failing.retryAt
    : Infinity;
  if ((wake?.rank ?? Infinity) === at) return;
  if (wake !== undefined) deadlines.remove(wake);
  key.wake = undefined;
  if (at === Infinity) return;
  key.wake = new Timer("backoff", at, key);
  deadlines.put(key.wake);
}

function toggle<T>(set: Set<T>, item: T, isMember: boolean): void {
  if (isMember) set.add(item);
  else set.delete(item);
}
