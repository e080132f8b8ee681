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
import { Cohort } from "./cohort.ts";
import type { Key } from "./key.ts";
import { Ledger } from "./ledger.ts";
import type { Limits } from "./limits.ts";
import { Parts } from "./parts.ts";
import { Shortcuts } from "./shortcuts.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import type { Waiter } from "./waiter.ts";
import type { Warmer } from "./warmer.ts";

const { connecting, idle, leased, probing, resetting, closing, gone } =
  SlotState;

export class PoolState<P extends Payload> {
  /** For reading only, but by the core itself. */
  readonly ledger: Ledger<P>;
  /** Inputs in their simple cases. */
  readonly shortcuts: Shortcuts<P>;
  readonly #parts: Parts<P>;

  constructor(limits: Limits) {
    this.ledger = new Ledger(limits);
    this.#parts = new Parts(this.ledger);
    this.shortcuts = new Shortcuts(this.ledger, this.#parts.warming);
  }

  /** When `advance` is due next, `Infinity` for never. */
  get nextAt(): number {
    const { deadlines, upkeep } = this.ledger;
    return Math.min(deadlines.nextAt, upkeep.tickAt);
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
    let slot = key.idle.last;
    while (slot !== undefined && !slot.isUnused) slot = slot.previous;
    return slot;
  }

  /** Joins the queue. The answer comes as an action, at once or later. */
  enqueue(
    given: Key<P>,
    timeout: number,
    fresh: boolean,
    ticket: P["ticket"],
    now: number,
  ): Waiter<P> {
    this.ledger.now = now;
    const { keys } = this.ledger;
    keys.forgetFailures(now);
    // What is forgotten may have been all that held this very record.
    const key = keys.adopt(given);
    const { refusals } = this.#parts;
    const before = refusals.unreserved;
    const cohort = new Cohort<P>(timeout);
    const waiter = this.ledger.queue.add(key, fresh, ticket, cohort);
    this.ledger.queue.stamp(cohort, now);
    refusals.capBackoff(key, waiter.at);
    this.ledger.queue.refresh(key, now);
    const after = refusals.unreserved;
    if (after > before && after > this.ledger.limits.maxWaiting) {
      const waitingFor = refusals.shortOf();
      refusals.refuse(waiter, { kind: "queue-full", waitingFor });
    }
    // Also then: a failure that is forgotten lets others dial.
    this.#run();
    return waiter;
  }

  /** Refuses an acquire that may not wait. @returns What it was short of */
  refuseNow(): WaitingFor {
    this.ledger.counters.exhausted++;
    return this.#parts.refusals.shortOf();
  }

  /** A waiter's signal aborted. */
  abort(waiter: Waiter<P>, now: number): void {
    if (!waiter.live) return;
    this.ledger.now = now;
    this.ledger.counters.aborted++;
    this.#parts.refusals.leave(waiter);
    this.#run();
  }

  /** Has a lease that begins now announced as a leak when it lasts too long. */
  watch(slot: Slot<P>, now: number): void {
    this.ledger.watch(slot, now);
  }

  // Dials

  /** The socket of a dial is asked for: its address and headers are resolved. */
  dialBegun(slot: Slot<P>, now: number): void {
    this.ledger.now = now;
    this.ledger.beginDial(slot);
    this.#run();
  }

  /**
   * A dial succeeded.
   *
   * @param spread A random number in [0, 1) for the slot's lifetime and probes
   * @returns Whether nobody takes it, so that it rests
   */
  opened(slot: Slot<P>, now: number, spread: number): boolean {
    this.ledger.now = now;
    if (slot.state === connecting) {
      this.ledger.open(slot, spread);
      this.#parts.placement.place(slot);
    } else {
      this.ledger.actions.push({ kind: "hang-up", slot });
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
    this.ledger.now = now;
    this.ledger.giveRateBack(slot);
    const unwanted = slot.state === closing;
    if (closed) this.ledger.forget(slot);
    else if (!unwanted) this.ledger.beginClosing(slot);
    if (!unwanted) {
      this.#parts.refusals.dialFailed(slot, failure, fatal, random);
      this.#parts.warming.endAll(slot.key);
    }
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
    this.ledger.now = now;
    this.ledger.endLease(slot);
    if (slot.state !== leased) return;
    this.#parts.shutdown.noteRelease();
    if (slot.redial !== "none") this.#parts.redials.drop(slot, "lost");
    else if (fate === "discard") this.ledger.retire(slot, "discarded");
    else if (fate === "reset" && slot.doom === undefined) {
      this.ledger.reset(slot);
    } else this.#parts.placement.place(slot);
    this.#run();
  }

  /** The reset of a released connection ended. */
  resetDone(slot: Slot<P>, clean: boolean, now: number): void {
    if (slot.state !== resetting) return;
    this.ledger.now = now;
    this.ledger.silence(slot);
    if (clean) this.#parts.placement.place(slot);
    else this.ledger.retire(slot, "discarded");
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
    if (redial === "dialling" || redial === "queued") return;
    this.ledger.now = now;
    if (redial === "closing") this.#parts.redials.rotated(slot);
    else if (redial === "blocked") this.#parts.redials.unblockClosed(slot);
    else if (isRetryable && this.#parts.redials.canReconnect(slot)) {
      this.#parts.redials.begin(slot, "lost", false, random);
    } else {
      this.#parts.refusals.noteEnd(slot, isClean, random);
      this.ledger.lose(slot);
    }
    this.#run();
  }

  /** A connection's peer has fallen silent: its socket is open and of no use. */
  silent(slot: Slot<P>, now: number, random: number): void {
    if (slot.state !== leased || slot.redial !== "none") return;
    this.ledger.now = now;
    if (this.#parts.redials.canReconnect(slot)) {
      this.#parts.redials.begin(slot, "heartbeat", true, random);
    } else this.ledger.loseOpen(slot);
    this.#run();
  }

  /** A leased connection has its new socket. */
  redialled(slot: Slot<P>, now: number, spread: number): void {
    this.ledger.now = now;
    if (slot.redial === "dialling") this.ledger.reconnected(slot, spread);
    else this.ledger.actions.push({ kind: "hang-up", slot });
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
    this.ledger.now = now;
    this.ledger.giveRateBack(slot);
    if (slot.redial === "dialling") {
      this.#parts.redials.failed(slot, failure, fatal, closed, random);
    } else if (slot.state === closing && closed) {
      this.ledger.forget(slot);
    }
    this.#run();
  }

  /** A connection can serve nobody any more, though its socket is open. A lease keeps its number. */
  spoiled(slot: Slot<P>, now: number): void {
    const { state } = slot;
    if (state === connecting || state === closing || state === gone) return;
    this.ledger.now = now;
    // One that spoils as soon as it is open must not be dialled for ever.
    this.#parts.warming.endAll(slot.key);
    if (slot.redial === "none") this.ledger.retire(slot, "discarded");
    else this.#parts.redials.drop(slot, "discarded");
    this.#run();
  }

  /** A closing socket is closed. */
  closed(slot: Slot<P>, now: number): void {
    if (slot.state !== closing) return;
    this.ledger.now = now;
    this.ledger.forget(slot);
    this.#run();
  }

  /** An abandoned socket closed after all. */
  lingerEnded(now: number): void {
    this.ledger.now = now;
    this.ledger.lingerEnded();
    if (this.ledger.mayLinger) this.#parts.redials.unblock();
    this.#run();
  }

  /** Something came in: a connection that is idle needs no probe for a while. */
  heard(slot: Slot<P>): void {
    slot.checkedAt = Math.max(slot.checkedAt, this.ledger.upkeep.tickedAt);
  }

  probeDone(slot: Slot<P>, healthy: boolean, now: number): void {
    if (slot.state !== probing) return;
    this.ledger.now = now;
    this.ledger.silence(slot);
    if (healthy) {
      this.#parts.placement.place(slot);
    } else {
      this.ledger.counters.healthCheckFailures++;
      this.ledger.retire(slot, "probe");
    }
    this.ledger.upkeep.probeDue();
    this.#run();
  }

  // Time

  /** Does everything that is due at `now`. */
  advance(now: number): void {
    this.ledger.now = now;
    const { deadlines, upkeep } = this.ledger;
    let alarm = deadlines.takeDue(now);
    while (alarm !== undefined) {
      this.#parts.bell.ring(alarm);
      alarm = deadlines.takeDue(now);
    }
    if (upkeep.tickAt <= now) {
      upkeep.tick(now);
      this.ledger.actions.push({ kind: "tick" });
    }
    this.#run();
  }

  /** The process stood still for `late` ms: ages do not count that time, and every idle connection is probed once. */
  stalled(late: number): void {
    this.ledger.upkeep.restamp(late);
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
    this.ledger.now = now;
    const key = this.ledger.keys.adopt(given);
    const warmer = this.#parts.warming.add(key, count, at, ticket);
    this.#run();
    return warmer;
  }

  /** Ends a `warm` before its goal. */
  endWarm(warmer: Warmer<P>, now: number): void {
    this.ledger.now = now;
    this.#parts.warming.end(warmer);
    this.#run();
  }

  /** Retires every present connection, leased ones when they are released, and forgets failures. */
  clear(now: number): void {
    this.ledger.now = now;
    this.ledger.doomAll("cleared");
    for (const slot of [...this.ledger.slots.all]) {
      if (slot.state === idle) this.ledger.retire(slot, "cleared");
    }
    for (const key of this.ledger.keys.clearFailures()) {
      this.ledger.settleBooks(key);
    }
    this.#run();
  }

  /** Ends the pool; leases have `drainTimeout` ms to be released. */
  close(now: number, drainTimeout: number): void {
    this.ledger.now = now;
    this.#parts.refusals.closeAll();
    this.#parts.warming.endAll();
    this.#parts.shutdown.begin(drainTimeout);
    this.#run();
  }

  /** Ends every input: starts what can start now. */
  #run(): void {
    this.#parts.scheduler.run();
    this.#parts.warming.run();
    this.#parts.shutdown.finishIfEmpty();
  }
}
