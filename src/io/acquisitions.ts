import type { Key } from "../core/key.ts";
import type { Shortcuts } from "../core/shortcuts.ts";
import type { Upkeep } from "../core/upkeep.ts";
import type { Waiter } from "../core/waiter.ts";
import type { Warmer } from "../core/warmer.ts";
import { AbortWatch } from "./abort_watch.ts";
import type { Announcer } from "./announcer.ts";
import type { Connection } from "./connection.ts";
import type { Driver } from "./driver.ts";
import { poolClosed } from "./lease_errors.ts";
import type { IoPayload } from "./payload.ts";
import { type Shortage, toExhaustedError } from "./refusal_error.ts";
import type { AcquireTicket, WarmTicket } from "./ticket.ts";

/** Whoever asks for connections: answers at once where that is possible, else joins them to the core's queue, under their signals. */
export class Acquisitions<Incoming, Outgoing> {
  readonly #driver: Driver<Incoming, Outgoing>;
  readonly #announcer: Announcer;
  readonly #waiters: AbortWatch<Waiter<IoPayload<Incoming, Outgoing>>>;
  readonly #warmers: AbortWatch<Warmer<IoPayload<Incoming, Outgoing>>>;
  readonly #shortcuts: Shortcuts<IoPayload<Incoming, Outgoing>>;
  readonly #upkeep: Upkeep<IoPayload<Incoming, Outgoing>>;
  readonly #tracksLeaks: boolean;

  constructor(driver: Driver<Incoming, Outgoing>, announcer: Announcer) {
    this.#driver = driver;
    this.#announcer = announcer;
    this.#shortcuts = driver.state.shortcuts;
    this.#upkeep = driver.ledger.upkeep;
    this.#tracksLeaks = driver.config.limits.leakThreshold !== Infinity;
    this.#waiters = new AbortWatch((waiter, reason) => {
      const now = driver.begin();
      // Not one whose grant is decided, though the news is still on its way.
      if (waiter.live) {
        driver.state.abort(waiter, now);
        waiter.ticket.refuse(reason);
      }
      driver.finish();
    });
    this.#warmers = new AbortWatch((warmer, reason) => {
      warmer.ticket.refuse(reason);
      driver.state.endWarm(warmer, driver.begin());
      driver.finish();
    });
  }

  /**
   * Leases an idle connection of a key, if there is one that is open at this
   * moment. The hot path: it reads no clock, sets no timer and makes nothing.
   * Whoever has made the handle announces it with `leased`.
   */
  takeIdle(
    key: Key<IoPayload<Incoming, Outgoing>>,
  ): Connection<Incoming, Outgoing> | undefined {
    // Before the choice: what is due may retire the very connection.
    if (this.#tracksLeaks) this.#driver.begin();
    for (;;) {
      const connection = key.idle.last?.resource;
      if (connection === undefined) {
        this.#driver.ledger.keys.dropIfUnused(key);
        return undefined;
      }
      if (connection.isOpen) {
        this.#take(connection);
        return connection;
      }
      this.#driver.spoiled(connection);
    }
  }

  /** Announces a lease, for which somebody has waited `duration` ms: its listeners may end it at once. */
  leased(connection: Connection<Incoming, Outgoing>, duration = 0): void {
    // Nothing is made on the hot path for nobody.
    if (!this.#announcer.isHeard("acquire")) return;
    const reason = connection.isReused ? "reused" : "new";
    this.#announcer.tell("acquire", connection, { reason, duration });
  }

  /** Refuses an acquire that has waited `duration` ms for want of a connection. */
  exhausted(
    shortage: Shortage,
    key: Key<IoPayload<Incoming, Outgoing>>,
    { refuse, timeout }: AcquireTicket<Incoming, Outgoing>,
    duration: number,
  ): void {
    const { recorder, config: { limits } } = this.#driver;
    const stats = recorder.snapshot();
    refuse(toExhaustedError(shortage, key, limits, timeout, stats));
    const { shown } = key.target.address;
    const { kind: reason } = shortage;
    const nobody = { id: undefined, shown };
    this.#announcer.tell("exhausted", nobody, { reason, duration });
  }

  acquire(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    ticket: AcquireTicket<Incoming, Outgoing>,
  ): void {
    if (!fresh && ticket.timeout > 0 && !ticket.signal?.aborted) {
      const waiter = this.#shortcuts.join(key, ticket.timeout, ticket);
      if (waiter !== undefined) {
        // It is given its times when the turn ends.
        this.#driver.turn.now();
        this.#watch(waiter);
        return;
      }
    }
    const { keys } = this.#driver.ledger;
    if (this.#isPointless(key, ticket)) return;
    if (this.#grantNow(key, fresh, ticket)) return;
    const now = this.#driver.begin();
    if (this.#isPointless(key, ticket)) return;
    // What was due just now may have left the very connection that is wanted.
    if (this.#grantNow(keys.adopt(key), fresh, ticket)) return;
    if (this.#isPointless(key, ticket)) return;
    if (ticket.timeout === 0) this.#refuse(key, ticket);
    else this.#enqueue(keys.adopt(key), fresh, ticket, now);
  }

  /** An acquire is answered: its signal is of no more concern. */
  answered(waiter: Waiter<IoPayload<Incoming, Outgoing>>): void {
    const { signal } = waiter.ticket;
    if (signal !== undefined) this.#waiters.remove(signal, waiter);
  }

  warm(
    key: Key<IoPayload<Incoming, Outgoing>>,
    count: number,
    timeout: number,
    ticket: WarmTicket,
  ): void {
    const driver = this.#driver;
    const { keys } = driver.ledger;
    const { signal } = ticket;
    const now = driver.begin();
    if (driver.isClosed || signal?.aborted) {
      keys.dropIfUnused(key);
      const { shown } = key.target.address;
      ticket.refuse(driver.isClosed ? poolClosed(shown) : signal?.reason);
      return;
    }
    const at = now + timeout;
    const warmer = driver.state.warm(keys.adopt(key), count, at, ticket, now);
    if (signal !== undefined && warmer.live) this.#warmers.add(signal, warmer);
    driver.finish();
  }

  warmed(warmer: Warmer<IoPayload<Incoming, Outgoing>>, idle: number): void {
    const { signal, refuse, settle } = warmer.ticket;
    if (signal !== undefined) this.#warmers.remove(signal, warmer);
    if (this.#driver.isClosed) {
      refuse(poolClosed(warmer.key.target.address.shown));
    } else {
      settle(idle);
    }
  }

  #take(connection: Connection<Incoming, Outgoing>): void {
    this.#shortcuts.take(connection.slot);
    if (!this.#tracksLeaks && !this.#announcer.isHeard("release")) {
      connection.leasedAt = this.#upkeep.tickedAt;
      return;
    }
    const { agenda, state } = this.#driver;
    connection.leasedAt = agenda.clock.now();
    if (!this.#tracksLeaks) return;
    connection.leaseStack = new Error().stack;
    // It may be a leak before anything else is due.
    state.watch(connection.slot, connection.leasedAt);
    agenda.arm();
  }

  /** A waiter's signal may abort from here on. */
  #watch(waiter: Waiter<IoPayload<Incoming, Outgoing>>): void {
    const { signal } = waiter.ticket;
    if (signal !== undefined && waiter.live) this.#waiters.add(signal, waiter);
  }

  /**
   * Answers an acquire of a closed pool or under an aborted signal. Asked
   * again after everything that may run user code, which may do either.
   */
  #isPointless(
    key: Key<IoPayload<Incoming, Outgoing>>,
    { signal, refuse }: AcquireTicket<Incoming, Outgoing>,
  ): boolean {
    const { isClosed, ledger: { counters, keys } } = this.#driver;
    if (!isClosed && !signal?.aborted) return false;
    keys.dropIfUnused(key);
    if (isClosed) {
      counters.closed++;
      refuse(poolClosed(key.target.address.shown));
    } else {
      counters.aborted++;
      refuse(signal?.reason);
    }
    return true;
  }

  #grantNow(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    ticket: AcquireTicket<Incoming, Outgoing>,
  ): boolean {
    const connection = fresh ? this.#takeUnused(key) : this.takeIdle(key);
    if (connection === undefined) return false;
    connection.onReconnect = ticket.onReconnect;
    ticket.grant(connection, connection.slot.lease);
    this.leased(connection);
    return true;
  }

  #takeUnused(
    key: Key<IoPayload<Incoming, Outgoing>>,
  ): Connection<Incoming, Outgoing> | undefined {
    const driver = this.#driver;
    driver.begin();
    for (;;) {
      const connection = driver.state.firstUnused(key)?.resource;
      if (connection === undefined) {
        driver.ledger.keys.dropIfUnused(key);
        return undefined;
      }
      if (connection.isOpen) {
        this.#take(connection);
        return connection;
      }
      driver.spoiled(connection);
    }
  }

  /** Refuses an acquire that may not wait. */
  #refuse(
    key: Key<IoPayload<Incoming, Outgoing>>,
    ticket: AcquireTicket<Incoming, Outgoing>,
  ): void {
    const { state, recorder } = this.#driver;
    const waitingFor = state.refuseNow();
    // The refusal counts already.
    recorder.forgetSnapshot();
    this.exhausted({ kind: "timeout", waitingFor }, key, ticket, 0);
  }

  #enqueue(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    ticket: AcquireTicket<Incoming, Outgoing>,
    now: number,
  ): void {
    const { state } = this.#driver;
    const { timeout } = ticket;
    this.#watch(state.enqueue(key, timeout, fresh, ticket, now));
    this.#driver.finish();
  }
}
