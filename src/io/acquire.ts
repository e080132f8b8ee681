/**
 * How those who ask for connections are answered: at once where that is
 * possible, else from the core's queue, under their signals.
 *
 * @module
 */
import type { Refusal } from "../core/actions.ts";
import type { Warmer } from "../core/alarm.ts";
import type { Key } from "../core/key.ts";
import { adoptKey, dropIfUnused } from "../core/keys.ts";
import { join, take, takeLast } from "../core/shortcuts.ts";
import type { Cohort, Waiter } from "../core/waiter.ts";
import { Rejection } from "./answer.ts";
import type { Connection } from "./connection.ts";
import { toConnectError } from "./dial_failure.ts";
import type { Driver } from "./driver.ts";
import { poolClosed } from "./lease_errors.ts";
import type { AcquireTicket, IoPayload, WarmTicket } from "./payload.ts";
import {
  type Shortage,
  toDialTimeoutError,
  toExhaustedError,
} from "./refusal_error.ts";

/**
 * Leases the last used idle connection of a key, if it is open at this moment
 * and nobody is to be told. The hot path: it reads no clock, sets no timer and
 * makes nothing. Whatever it does not find, `search` may.
 */
export function takeIdle<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  key: Key<IoPayload<Incoming, Outgoing>>,
): Connection<Incoming, Outgoing> | undefined {
  const slot = key.idle.at(-1);
  if (slot === undefined || driver.isWatched) return undefined;
  const { resource } = slot;
  if (resource === undefined || !resource.isOpen) return undefined;
  takeLast(driver.ledger, key, slot);
  resource.leasedAt = driver.ledger.tickedAt;
  return resource;
}

/**
 * The general case of `takeIdle`.
 *
 * @param fresh Whether only a never-leased one will do
 * @param stack Where it was asked for, where leaks are looked for: taken there,
 * as engines keep the nearest ten calls
 */
export function search<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  key: Key<IoPayload<Incoming, Outgoing>>,
  fresh: boolean,
  stack: string | undefined,
): Connection<Incoming, Outgoing> | undefined {
  const { agenda, ledger, state } = driver;
  const { tracksLeaks } = ledger;
  // Before the choice: what is due may retire the very connection.
  if (tracksLeaks || fresh) driver.begin();
  for (;;) {
    const slot = fresh ? state.firstUnused(key) : key.idle.at(-1);
    if (slot?.resource === undefined) {
      dropIfUnused(ledger, key);
      return undefined;
    }
    const connection = slot.resource;
    if (!connection.isOpen) {
      driver.spoiled(connection);
      continue;
    }
    take(ledger, slot);
    connection.leasedAt = agenda.clock.now();
    if (tracksLeaks) {
      connection.leaseStack = stack;
      // It may be a leak before anything else is due.
      state.watch(slot, connection.leasedAt);
      agenda.arm();
    }
    return connection;
  }
}

/**
 * Announces a lease, for which somebody has waited `duration` ms: its listeners
 * may end it at once.
 */
export function announceLease<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
  duration: number,
): void {
  const reason = connection.slot.isReused ? "reused" : "new";
  driver.announcer.tell("acquire", connection, { reason, duration });
}

/** Has an acquire answered: with a handle, or a `Rejection`. */
export function acquire<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  key: Key<IoPayload<Incoming, Outgoing>>,
  fresh: boolean,
  timeout: number,
  ticket: AcquireTicket<Incoming, Outgoing> | undefined,
  answer: IoPayload<Incoming, Outgoing>["answer"],
): void {
  const hasJoined = timeout > 0 && !fresh &&
    (ticket === undefined
      ? join(driver.ledger, key, timeout, undefined, answer) !== undefined
      : joinUnder(driver, key, timeout, ticket, answer));
  // It is given its times when the turn ends.
  if (hasJoined) driver.turn.now();
  else decide(driver, key, fresh, timeout, ticket, answer);
}

/** Joins the queue under a ticket, if that is simple. @returns Whether it was */
function joinUnder<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  key: Key<IoPayload<Incoming, Outgoing>>,
  timeout: number,
  ticket: AcquireTicket<Incoming, Outgoing>,
  answer: IoPayload<Incoming, Outgoing>["answer"],
): boolean {
  const { signal, onReconnect, stack } = ticket;
  if (signal?.aborted) return false;
  const last = key.waiters.last?.ticket;
  // Those who ask for the same can be of one cohort.
  const isSame = last?.signal === signal && last?.onReconnect === onReconnect &&
    last?.stack === stack;
  const shared = isSame ? last : ticket;
  const waiter = join(driver.ledger, key, timeout, shared, answer);
  if (waiter === undefined) return false;
  watchSignal(driver, waiter);
  return true;
}

/** The general case of `acquire`. */
function decide<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  key: Key<IoPayload<Incoming, Outgoing>>,
  fresh: boolean,
  timeout: number,
  ticket: AcquireTicket<Incoming, Outgoing> | undefined,
  answer: IoPayload<Incoming, Outgoing>["answer"],
): void {
  const { ledger, state, recorder } = driver;
  const signal = ticket?.signal;
  const refuse = (reason: unknown) => answer(new Rejection(reason));
  const answerNow = () => {
    const present = adoptKey(ledger, key);
    const connection = signal?.aborted
      ? undefined
      : search(driver, present, fresh, ticket?.stack);
    if (connection !== undefined) {
      connection.onReconnect = ticket?.onReconnect;
      answer(driver.createHandle(connection, connection.slot.lease));
      announceLease(driver, connection, 0);
      return true;
    }
    // Not asked before: the search may have run user code.
    const isTooLate = refuseIfTooLate(driver, present, signal, refuse);
    if (isTooLate) ledger.counters[driver.isClosed ? "closed" : "aborted"]++;
    return isTooLate;
  };
  if (answerNow()) return;
  driver.input((now) => {
    // What was due just now may have left the very connection that is wanted.
    if (answerNow()) return;
    if (timeout > 0) {
      watchSignal(
        driver,
        state.enqueue(key, timeout, fresh, ticket, answer, now),
      );
      return;
    }
    const waitingFor = state.refuseNow();
    // The refusal counts already.
    recorder.forgetSnapshot();
    exhausted(driver, { kind: "timeout", waitingFor }, key, 0, refuse, 0);
  });
}

/** From here on a waiter is answered, or its signal aborts. */
function watchSignal<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  waiter: Waiter<IoPayload<Incoming, Outgoing>>,
): void {
  const { cohort } = waiter;
  // The first one watches for all; one that is answered already is none.
  if (cohort.first !== waiter) return;
  try {
    driver.waiters.add(cohort.ticket?.signal, cohort);
  } catch (error) {
    // What is no signal throws: that is the end of all who wait under it.
    abortCohort(driver, cohort, error);
  }
}

/** The signal of waiters has aborted, or takes no listener. */
export function abortCohort<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  cohort: Cohort<IoPayload<Incoming, Outgoing>>,
  reason: unknown,
): void {
  driver.input((now) => {
    let waiter = driver.state.abortFirst(cohort, now);
    while (waiter !== undefined) {
      waiter.answer(new Rejection(reason));
      waiter = driver.state.abortFirst(cohort, now);
    }
  });
}

/** Answers a waiter with a connection. Who has to be told besides is the caller's concern. */
export function grant<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
  lease: number,
  waiter: Waiter<IoPayload<Incoming, Outgoing>>,
): void {
  const { cohort } = waiter;
  const { now } = driver.ledger;
  driver.recorder.acquireWait.add(now - cohort.since);
  connection.leasedAt = now;
  if (cohort.ticket !== undefined) takeTicket(driver, connection, cohort);
  waiter.answer(driver.createHandle(connection, lease));
}

/** A connection is leased under what its waiter asked for. */
function takeTicket<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
  cohort: Cohort<IoPayload<Incoming, Outgoing>>,
): void {
  const { ticket } = cohort;
  if (cohort.first === undefined) driver.waiters.remove(ticket?.signal, cohort);
  connection.leaseStack = ticket?.stack;
  connection.onReconnect = ticket?.onReconnect;
}

/** Answers a waiter that gets none. */
export function refuse<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  waiter: Waiter<IoPayload<Incoming, Outgoing>>,
  refusal: Refusal<IoPayload<Incoming, Outgoing>>,
): void {
  const { cohort } = waiter;
  const { key, since, timeout, ticket } = cohort;
  const { shown } = key.target.address;
  const refuse = (reason: unknown) => waiter.answer(new Rejection(reason));
  if (cohort.first === undefined) {
    driver.waiters.remove(ticket?.signal, cohort);
  }
  switch (refusal.kind) {
    case "dial-timeout":
      refuse(toDialTimeoutError(key, refusal.attempts, timeout));
      break;
    case "failed":
      refuse(toConnectError(refusal.failure, shown, refusal.attempts));
      break;
    case "closed":
      refuse(poolClosed(shown));
      break;
    default: {
      const duration = Math.max(0, driver.ledger.now - since);
      exhausted(driver, refusal, key, timeout, refuse, duration);
    }
  }
}

/** Refuses an acquire that has waited `duration` ms for want of a connection. */
function exhausted<Incoming, Outgoing>(
  { announcer, recorder, config: { limits } }: Driver<Incoming, Outgoing>,
  shortage: Shortage,
  key: Key<IoPayload<Incoming, Outgoing>>,
  timeout: number,
  refuse: (reason: unknown) => void,
  duration: number,
): void {
  const stats = recorder.snapshot();
  refuse(toExhaustedError(shortage, key, limits, timeout, stats));
  const nobody = { id: undefined, shown: key.target.address.shown };
  announcer.tell("exhausted", nobody, { reason: shortage.kind, duration });
}

/** Refuses who comes to a closed pool or under an aborted signal. Asked after everything that may run user code, which may do either. */
function refuseIfTooLate<Incoming, Outgoing>(
  { isClosed, ledger }: Driver<Incoming, Outgoing>,
  key: Key<IoPayload<Incoming, Outgoing>>,
  signal: AbortSignal | undefined,
  refuse: (reason: unknown) => void,
): boolean {
  if (!isClosed && !signal?.aborted) return false;
  dropIfUnused(ledger, key);
  refuse(isClosed ? poolClosed(key.target.address.shown) : signal?.reason);
  return true;
}

/** Tops the idle connections of a key up to `count`. */
export function warm<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  key: Key<IoPayload<Incoming, Outgoing>>,
  count: number,
  timeout: number,
  ticket: WarmTicket,
): void {
  const { signal, refuse } = ticket;
  driver.input((now) => {
    if (refuseIfTooLate(driver, key, signal, refuse)) return;
    const at = now + timeout;
    const warmer = driver.state.warm(key, count, at, ticket, now);
    if (driver.ledger.warmers.has(warmer)) driver.warmers.add(signal, warmer);
  });
}

/** Answers a `warm` that is done, or can do no more. */
export function warmed<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  warmer: Warmer<IoPayload<Incoming, Outgoing>>,
  idle: number,
): void {
  const { key, ticket: { signal, refuse, settle } } = warmer;
  driver.warmers.remove(signal, warmer);
  if (driver.isClosed) refuse(poolClosed(key.target.address.shown));
  else settle(idle);
}
