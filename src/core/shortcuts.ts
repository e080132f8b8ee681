/**
 * The hot paths: inputs in the cases in which nothing has to be decided. Each
 * looks whether its case is simple, and leaves the same books as the general
 * input; none asks for an action, or lets anything else begin.
 *
 * They are written out rather than put together: compilers inline to a depth,
 * and up to a size, that a pair of acquire and release passes otherwise.
 *
 * @module
 */
import { isHeld } from "./dial_scheduler.ts";
import type { Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import { addWaiter, idleChanged, stampCohort } from "./queue.ts";
import type { Payload, Slot } from "./slot.ts";
import { Cohort, type Waiter } from "./waiter.ts";

/** Leases the last of a key's idle slots. It needs no time and asks for nothing. */
export function takeLast<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
  slot: Slot<P>,
): void {
  const { counters } = ledger;
  slot.lend();
  key.idle.pop();
  ledger.idle--;
  if (slot.lease++ === 0) counters.acquiredUnused++;
  counters.acquired++;
  if (ledger.waiting > 0) idleChanged(ledger, key);
}

/** As `takeLast`, for any idle slot. */
export function take<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  const { key } = slot;
  // To the place of the last; a slot that is not idle changes nothing.
  if (key.idle.at(-1) !== slot) {
    key.idle.push(...key.idle.splice(key.idle.lastIndexOf(slot), 1));
  }
  takeLast(ledger, key, slot);
}

/**
 * Gives a connection back in the simple case: reusable, nobody waits,
 * nothing is due. It needs no time and asks for nothing. Warms of other keys
 * neither gain nor lose by it. That the lease has its socket, and is not between
 * two, is the caller's to know.
 *
 * @returns False when `PoolState.release` has to decide
 */
export function restore<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  lease: number,
): boolean {
  if (
    ledger.waiting > 0 || slot.key.warmers > 0 || slot.lease !== lease ||
    !slot.isLeased || slot.alarm !== undefined || slot.doom !== undefined
  ) return false;
  slot.giveBack();
  slot.lease++;
  ledger.counters.released++;
  slot.since = slot.checkedAt = ledger.tickedAt;
  slot.key.idle.push(slot);
  ledger.idle++;
  slot.idleOrder = ++ledger.lastOrder;
  if (slot.heapIndex < 0) ledger.ranking.put(slot, slot.idleOrder);
  return true;
}

/**
 * Joins the queue in the simple case: nothing can be dialled, as all that there
 * may be is held, or as others of the key wait for a dial already. It needs no
 * time: that comes with `stamp`.
 *
 * @returns Undefined when `PoolState.enqueue` has to decide
 */
export function join<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
  timeout: number,
  ticket: P["ticket"],
  answer: P["answer"],
): Waiter<P> | undefined {
  if (key.demand < 1 && !mayBeFirst(ledger, key)) return undefined;
  if (!mayJoin(ledger, key)) return undefined;
  const { overtakings } = ledger;
  let cohort = key.waiters.last;
  if (
    cohort === undefined || cohort.since !== Infinity ||
    cohort.timeout !== timeout || cohort.ticket !== ticket ||
    cohort.overtakings !== overtakings
  ) {
    cohort = new Cohort(key, false, timeout, ticket, overtakings);
    ledger.unstamped.push(cohort);
  }
  ledger.demand++;
  key.demand++;
  if (key.demand > ledger.limits.maxConnectionsPerKey - key.size) {
    ledger.blocked++;
    key.blocked++;
  } else if (key.heapIndex < 0) {
    ledger.revision++;
    ledger.dialable.put(key, ledger.sequence + 1);
  }
  return addWaiter(ledger, cohort, answer);
}

/** Those who joined are given their times: later than they came, never earlier. */
export function stamp<P extends Payload>(
  ledger: Ledger<P>,
  now: number,
): void {
  if (ledger.unstamped.length === 0) return;
  for (const cohort of ledger.unstamped) stampCohort(ledger, cohort, now);
  ledger.unstamped = [];
}

/**
 * Gives a connection to the next waiter of its key in the simple case:
 * reusable, and nobody of another key has a claim.
 *
 * @returns Undefined when `PoolState.release` has to decide
 */
export function handOver<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  lease: number,
  now: number,
): Waiter<P> | undefined {
  // Not `key` first: what V8 learns of a property of the first variable, and of
  // the first parameter, is one where they have names in common.
  const { counters } = ledger;
  const { key } = slot;
  const cohort = key.waiters.first;
  const waiter = cohort?.first;
  if (
    cohort === undefined || waiter === undefined || key.demand < 1 ||
    !isSteady(ledger, key) ||
    ledger.warmers.size > 0 || ledger.actions.length > 0 ||
    slot.lease !== lease || !slot.isLeased ||
    slot.alarm !== undefined || slot.doom !== undefined ||
    // The next lease has to be watched.
    ledger.tracksLeaks ||
    // The timer is late: the time is up.
    cohort.rank <= now
  ) return undefined;
  ledger.now = now;
  let { next } = waiter;
  cohort.first = next;
  if (next !== undefined) {
    // Whoever holds on to a waiter keeps nobody else.
    waiter.next = undefined;
  } else {
    cohort.last = undefined;
    key.waiters.remove(cohort);
    ledger.deadlines.remove(cohort);
    next = key.waiters.first?.first;
  }
  key.waiting--;
  ledger.waiting--;
  ledger.demand--;
  key.demand--;
  if (key.blocked > 0) {
    ledger.blocked--;
    key.blocked--;
  }
  // Alone in the queue of dials, if it is in it at all: its place there is the same.
  if (next !== undefined && key.demand > 0) key.rank = next.sequence;
  else ledger.dialable.remove(key);
  // One lease ends, and the next begins.
  slot.lease += 2;
  counters.released++;
  counters.acquired++;
  return waiter;
}

/**
 * Whether waiters of the key come and go without changing what could be
 * dialled: no other key is concerned, and nothing about this one is special.
 */
function isSteady<P extends Payload>(ledger: Ledger<P>, key: Key<P>): boolean {
  if (key.steadyAt === ledger.revision) return true;
  const isSteady = key.freshWaiters.size === 0 && key.redials.size === 0 &&
    key.failing === undefined &&
    ledger.dialable.size === (key.heapIndex < 0 ? 0 : 1);
  if (isSteady) key.steadyAt = ledger.revision;
  return isSteady;
}

/**
 * Whether the first waiter of a key that is steady changes nothing for anybody:
 * there are as many connections as there may be, in the pool or of the key, none
 * idle and none on its way. The key may be one that the books have let go of.
 */
function mayBeFirst<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): boolean {
  const isFull = key.size >= ledger.limits.maxConnectionsPerKey &&
    key.connecting === 0 && key.idle.length === 0;
  return key.attached && ledger.phase === "open" &&
    (isFull || isHeld(ledger));
}

/** Whether one more waiter of the key changes nothing for anybody: it is steady, and no room is on its way. */
function mayJoin<P extends Payload>(ledger: Ledger<P>, key: Key<P>): boolean {
  if (key.joinableAt === ledger.revision) return true;
  const mayJoin = isSteady(ledger, key) && ledger.closing === 0 &&
    ledger.failed.size === 0 && ledger.limits.maxWaiting === Infinity;
  if (mayJoin) key.joinableAt = ledger.revision;
  return mayJoin;
}
