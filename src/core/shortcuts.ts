/**
 * The hot paths: inputs in the cases in which nothing has to be decided. Each
 * looks whether its case is simple, and leaves the same books as the general
 * input; none asks for an action, or lets anything else begin.
 *
 * They are written out rather than put together, and what is rare in them is
 * apart: V8 puts at most 920 bytecodes of callees into a function, and takes one
 * only where 1.2 times its size is left (`--max-inlined-bytecode-size-cumulative`,
 * `--trace-turbo-inlining`). An acquire that waits is one function so, with all
 * it calls here, and a hand-over another.
 *
 * @module
 */
import { isHeld } from "./dial_scheduler.ts";
import type { Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import { addWaiter, endCohort, idleChanged, stampCohort } from "./queue.ts";
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
 * two, that nobody waits, and that no lease is watched, is the caller's to know.
 *
 * @returns False when `PoolState.release` has to decide
 */
export function restore<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  lease: number,
): boolean {
  const { key } = slot;
  if (
    key.warmers > 0 || slot.lease !== lease || slot.doom !== undefined ||
    !slot.giveBack()
  ) return false;
  slot.lease++;
  ledger.counters.released++;
  slot.since = slot.checkedAt = ledger.tickedAt;
  key.idle.push(slot);
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
  const demand = key.waiting - key.connecting;
  if (demand < 1 && !mayBeFirst(ledger, key)) return undefined;
  if (!mayJoin(ledger, key)) return undefined;
  let cohort = key.waiters.last;
  if (
    cohort === undefined || cohort.since !== Infinity ||
    cohort.timeout !== timeout || cohort.ticket !== ticket ||
    cohort.overtakings !== ledger.overtakings
  ) cohort = beginCohort(ledger, key, timeout, ticket);
  if (demand >= ledger.limits.maxConnectionsPerKey - key.size) {
    block(ledger, key, 1);
  } else if (key.heapIndex < 0) {
    ledger.revision++;
    ledger.dialable.put(key, ledger.sequence + 1);
  }
  return addWaiter(ledger, cohort, answer);
}

/** So many waiters more for whom their key's own limit leaves no slot. */
function block<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
  count: 1 | -1,
): void {
  ledger.blocked += count;
  key.blocked += count;
}

function beginCohort<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
  timeout: number,
  ticket: P["ticket"],
): Cohort<P> {
  const { overtakings } = ledger;
  const cohort = new Cohort(key, false, timeout, ticket, overtakings);
  ledger.unstamped.push(cohort);
  return cohort;
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
 * reusable, and nobody of another key has a claim. What the caller of `restore`
 * has to know, its caller has, but for those who wait.
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
  const waiter = key.waiters.first?.first;
  if (
    waiter === undefined || key.waiting <= key.connecting ||
    // The timer is late: the time is up.
    waiter.cohort.rank <= now ||
    slot.lease !== lease || !slot.isLeased || slot.doom !== undefined ||
    ledger.actions.length > 0 || !isSteady(ledger, key)
  ) return undefined;
  ledger.now = now;
  const { next, cohort } = waiter;
  cohort.first = next;
  // Whoever holds on to a waiter keeps nobody else.
  if (next !== undefined) waiter.next = undefined;
  else endCohort(ledger, cohort);
  key.waiting--;
  ledger.waiting--;
  if (key.blocked > 0) block(ledger, key, -1);
  // Else it keeps its place in the queue of dials, where it is alone: see `refresh`.
  if (key.waiting <= key.connecting) ledger.dialable.remove(key);
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
  return key.steadyAt === ledger.revision || becomesSteady(ledger, key);
}

function becomesSteady<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): boolean {
  const isSteady = key.freshWaiters.size === 0 && key.redials.size === 0 &&
    key.failing === undefined && ledger.warmers.size === 0 &&
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
  return key.joinableAt === ledger.revision || becomesJoinable(ledger, key);
}

function becomesJoinable<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): boolean {
  const mayJoin = isSteady(ledger, key) && ledger.closing === 0 &&
    ledger.failed.size === 0 && ledger.limits.maxWaiting === Infinity;
  if (mayJoin) key.joinableAt = ledger.revision;
  return mayJoin;
}
