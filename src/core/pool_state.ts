/**
 * The pool's decisions, without promise, timer, socket, clock or randomness:
 * inputs are methods, time and random numbers come in as arguments, and what
 * is to be done goes out as a list of actions.
 *
 * Invariants, asserted after every step of the model test:
 *
 * - I1 connecting + idle + leased + probing + resetting + closing is at most
 *   `maxConnections`, and per key at most `maxConnectionsPerKey`.
 * - I2 A slot is in one state and in one collection.
 * - I3 No waiter of a key while that key has a grantable idle slot.
 * - I4 Grants of a key leave in queue order; overtaking of other keys is
 *   bounded. Waiters for a fresh connection stand outside I3 and I4.
 * - I5 Each waiter is settled exactly once.
 * - I6 Each dial is answered once, each opened socket closed once.
 * - I7 A dead lease number changes nothing.
 * - I8 A waiter implies a dial in flight, a backoff wake, a rate wake, or the
 *   limit reached by leases, resets, probes or closings, or by the trials that
 *   failing keys are allowed together.
 * - I9 Closed implies no slot, waiter or wake.
 *
 * @module
 */
import type { Action, WaitingFor } from "./actions.ts";
import type { Warmer } from "./alarm.ts";
import { ringDue } from "./bell.ts";
import { cancelAlarm } from "./deadlines.ts";
import { runDials } from "./dial_scheduler.ts";
import { noteOpened, noteReconnected } from "./dials.ts";
import {
  beginClosing,
  doomAll,
  forget,
  lose,
  loseOpen,
  retire,
} from "./endings.ts";
import { capBackoff, recordEnd } from "./failures.ts";
import type { Key } from "./key.ts";
import { adoptKey, clearFailures, forgetFailures } from "./keys.ts";
import { endLease, place, reset, watchLease } from "./leases.ts";
import { Ledger } from "./ledger.ts";
import type { Limits } from "./limits.ts";
import { addWaiter, refresh, settleBooks, stampCohort } from "./queue.ts";
import {
  beginRedial,
  canReconnect,
  dropRedial,
  enqueueRedial,
  lingerEnded,
  redialFailed,
} from "./redials.ts";
import {
  dialFailed,
  leaveQueue,
  refuseWaiter,
  shortOf,
  unreservedWaiters,
} from "./refusals.ts";
import { beginShutdown, finishShutdown } from "./shutdown.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import { probeDue, restamp, tick } from "./upkeep.ts";
import { Cohort, type Waiter } from "./waiter.ts";
import { addWarmer, endWarmer, endWarmers, runWarmers } from "./warming.ts";

const { connecting, idle, leased, probing, resetting, closing, gone } =
  SlotState;

export class PoolState<P extends Payload> {
  /** What the core knows. To be read only, and changed by the core's functions. */
  readonly ledger: Ledger<P>;

  constructor(limits: Limits) {
    this.ledger = new Ledger(limits);
  }

  /** When `advance` is due next, `Infinity` for never. */
  get nextAt(): number {
    const { deadlines, tickAt } = this.ledger;
    return Math.min(deadlines.firstRank, tickAt);
  }

  get hasActions(): boolean {
    return this.ledger.actions.length > 0;
  }

  /** Hands over what the inputs so far have asked for. */
  takeActions(): Action<P>[] {
    const { actions } = this.ledger;
    this.ledger.actions = [];
    return actions;
  }

  // Acquire

  /** The newest idle slot of a key that never was leased. */
  firstUnused(key: Key<P>): Slot<P> | undefined {
    return key.idle.findLast((slot) => slot.isUnused);
  }

  /** Joins the queue. The answer comes as an action, at once or later. */
  enqueue(
    given: Key<P>,
    timeout: number,
    fresh: boolean,
    ticket: P["ticket"],
    answer: P["answer"],
    now: number,
  ): Waiter<P> {
    const ledger = this.#at(now);
    forgetFailures(ledger);
    // What is forgotten may have been all that held this very record.
    const key = adoptKey(ledger, given);
    const before = unreservedWaiters(ledger);
    const cohort = new Cohort(key, fresh, timeout, ticket, ledger.overtakings);
    const waiter = addWaiter(ledger, cohort, answer);
    stampCohort(ledger, cohort, now);
    capBackoff(ledger, key, cohort.rank);
    refresh(ledger, key);
    const after = unreservedWaiters(ledger);
    if (after > before && after > ledger.limits.maxWaiting) {
      const waitingFor = shortOf(ledger);
      refuseWaiter(ledger, waiter, { kind: "queue-full", waitingFor });
    }
    // Also then: a failure that is forgotten lets others dial.
    this.#run();
    return waiter;
  }

  /** Refuses an acquire that may not wait. @returns What it was short of */
  refuseNow(): WaitingFor {
    this.ledger.counters.exhausted++;
    return shortOf(this.ledger);
  }

  /**
   * The signal of a cohort has aborted: its first member leaves. A member that
   * has left is answered already, though the news may still be on its way.
   *
   * @returns Who has left, to be told; nobody if none waits any more
   */
  abortFirst({ first }: Cohort<P>, now: number): Waiter<P> | undefined {
    if (first === undefined) return undefined;
    const ledger = this.#at(now);
    ledger.counters.aborted++;
    leaveQueue(ledger, first);
    this.#run();
    return first;
  }

  /** Has a lease that begins now announced as a leak when it lasts too long. */
  watch(slot: Slot<P>, now: number): void {
    watchLease(this.#at(now), slot);
  }

  // Dials

  /** The socket of a dial is asked for: its address and headers are resolved. */
  dialBegun(slot: Slot<P>, now: number): void {
    this.#at(now).rate?.begin(slot, now);
    this.#run();
  }

  /**
   * A dial succeeded.
   *
   * @param spread A random number in [0, 1) for the slot's lifetime and probes
   * @returns Whether nobody takes it, so that it rests
   */
  opened(slot: Slot<P>, now: number, spread: number): boolean {
    const ledger = this.#at(now);
    if (slot.state === connecting) {
      noteOpened(ledger, slot, spread);
      place(ledger, slot);
    } else {
      ledger.actions.push({ kind: "hang-up", slot });
    }
    const rests = slot.state === idle;
    this.#run();
    return rests;
  }

  /**
   * A dial failed, or ended because it was aborted.
   *
   * @param closed Whether its socket is closed, or there never was one
   * @param random In [0, 1), for the jitter of the backoff
   */
  dialFailed(
    slot: Slot<P>,
    now: number,
    failure: P["failure"],
    fatal: boolean,
    closed: boolean,
    random: number,
  ): void {
    if (slot.state === gone) return;
    const ledger = this.#at(now);
    ledger.rate?.giveBack(slot);
    if (slot.state !== closing) {
      beginClosing(ledger, slot);
      dialFailed(ledger, slot, failure, fatal, random);
      endWarmers(ledger, slot.key);
    }
    // Last: with its last slot, a key of which nothing is known is forgotten.
    if (closed) forget(ledger, slot);
    this.#run();
  }

  // Leases

  /** Gives a connection back: for the next, for a reset first, or for good. */
  release(
    slot: Slot<P>,
    lease: number,
    fate: "reuse" | "reset" | "discard",
    now: number,
  ): void {
    if (slot.lease !== lease) return;
    const ledger = this.#at(now);
    endLease(ledger, slot);
    if (slot.state !== leased) return;
    if (ledger.phase === "draining") ledger.drained++;
    if (slot.redial !== undefined) dropRedial(ledger, slot.redial, "lost");
    else if (fate === "discard") retire(ledger, slot, "discarded");
    else if (fate === "reset" && slot.doom === undefined) reset(ledger, slot);
    else place(ledger, slot);
    this.#run();
  }

  /** The reset of a released connection ended. */
  resetDone(slot: Slot<P>, clean: boolean, now: number): void {
    if (slot.state !== resetting) return;
    const ledger = this.#at(now);
    cancelAlarm(ledger, slot, "alarm");
    if (clean) place(ledger, slot);
    else retire(ledger, slot, "discarded");
    this.#run();
  }

  // Sockets

  /**
   * An open connection lost its socket.
   *
   * @param isRetryable Whether a new socket may do better
   * @param isClean Whether the peer closed it in good order
   * @param random In [0, 1), for the jitter of the backoff
   */
  lost(
    slot: Slot<P>,
    now: number,
    isRetryable: boolean,
    isClean: boolean,
    random: number,
  ): void {
    const { state, redial } = slot;
    if (state === closing || state === gone) return;
    // While dialling, the dial reports for its socket; while queued, this is
    // one about to be left behind.
    if (redial?.stage === "dialling" || redial?.stage === "queued") return;
    const ledger = this.#at(now);
    if (redial !== undefined) enqueueRedial(ledger, redial);
    else if (isRetryable && canReconnect(ledger, slot)) {
      beginRedial(ledger, slot, "lost", false, random);
    } else {
      recordEnd(ledger, slot, isClean, random);
      lose(ledger, slot);
    }
    this.#run();
  }

  /** A connection's peer has fallen silent: its socket is open and of no use. */
  silent(slot: Slot<P>, now: number, random: number): void {
    if (slot.state !== leased || slot.redial !== undefined) return;
    const ledger = this.#at(now);
    if (canReconnect(ledger, slot)) {
      beginRedial(ledger, slot, "heartbeat", true, random);
    } else loseOpen(ledger, slot);
    this.#run();
  }

  /** A leased connection has its new socket. */
  redialled(slot: Slot<P>, now: number, spread: number): void {
    const ledger = this.#at(now);
    const { redial } = slot;
    if (redial?.stage === "dialling") noteReconnected(ledger, redial, spread);
    else ledger.actions.push({ kind: "hang-up", slot });
    this.#run();
  }

  /** The dial of a leased connection's new socket failed, or was given up. */
  redialFailed(
    slot: Slot<P>,
    now: number,
    failure: P["failure"],
    fatal: boolean,
    closed: boolean,
    random: number,
  ): void {
    const ledger = this.#at(now);
    ledger.rate?.giveBack(slot);
    const { redial } = slot;
    if (redial?.stage === "dialling") {
      redialFailed(ledger, redial, failure, fatal, closed, random);
    } else if (slot.state === closing && closed) {
      forget(ledger, slot);
    }
    this.#run();
  }

  /** A connection can serve nobody any more, though its socket is open. A lease keeps its number. */
  spoiled(slot: Slot<P>, now: number): void {
    const { state } = slot;
    if (state === connecting || state === closing || state === gone) return;
    const ledger = this.#at(now);
    // One that spoils as soon as it is open must not be dialled for ever.
    endWarmers(ledger, slot.key);
    if (slot.redial === undefined) retire(ledger, slot, "discarded");
    else dropRedial(ledger, slot.redial, "discarded");
    this.#run();
  }

  /** A closing socket is closed. */
  closed(slot: Slot<P>, now: number): void {
    if (slot.state !== closing) return;
    forget(this.#at(now), slot);
    this.#run();
  }

  /** An abandoned socket closed after all. */
  lingerEnded(now: number): void {
    lingerEnded(this.#at(now));
    this.#run();
  }

  /** Something came in: a connection that is idle needs no probe for a while. */
  heard(slot: Slot<P>): void {
    slot.checkedAt = Math.max(slot.checkedAt, this.ledger.tickedAt);
  }

  probeDone(slot: Slot<P>, healthy: boolean, now: number): void {
    if (slot.state !== probing) return;
    const ledger = this.#at(now);
    cancelAlarm(ledger, slot, "alarm");
    if (healthy) {
      place(ledger, slot);
    } else {
      ledger.counters.healthCheckFailures++;
      retire(ledger, slot, "probe");
    }
    probeDue(ledger);
    this.#run();
  }

  // Time

  /** Does everything that is due at `now`. */
  advance(now: number): void {
    const ledger = this.#at(now);
    ringDue(ledger);
    if (ledger.tickAt <= now) tick(ledger);
    this.#run();
  }

  /** The process stood still for `late` ms: ages do not count that time, and every idle connection is probed once. */
  stalled(late: number): void {
    restamp(this.ledger, late);
  }

  // The whole pool

  /** Tops the key's idle connections up to `count`. */
  warm(
    given: Key<P>,
    count: number,
    at: number,
    ticket: P["warmTicket"],
    now: number,
  ): Warmer<P> {
    const ledger = this.#at(now);
    const key = adoptKey(ledger, given);
    const warmer = addWarmer(ledger, key, count, at, ticket);
    this.#run();
    return warmer;
  }

  /** Ends a `warm` before its goal. */
  endWarm(warmer: Warmer<P>, now: number): void {
    endWarmer(this.#at(now), warmer);
    this.#run();
  }

  /** Retires every present connection, leased ones when they are released, and forgets failures. */
  clear(now: number): void {
    const ledger = this.#at(now);
    doomAll(ledger, "cleared");
    for (const slot of [...ledger.slots]) {
      if (slot.state === idle) retire(ledger, slot, "cleared");
    }
    for (const key of clearFailures(ledger)) settleBooks(ledger, key);
    this.#run();
  }

  /** Ends the pool; leases have `drainTimeout` ms to be released. */
  close(now: number, drainTimeout: number): void {
    beginShutdown(this.#at(now), drainTimeout);
    this.#run();
  }

  /** Begins an input. */
  #at(now: number): Ledger<P> {
    this.ledger.now = now;
    return this.ledger;
  }

  /** Ends every input: starts what can start now. */
  #run(): void {
    runDials(this.ledger);
    runWarmers(this.ledger);
    finishShutdown(this.ledger);
  }
}
