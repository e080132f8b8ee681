import type { Key } from "../core/key.ts";
import type { Warmer } from "../core/alarm.ts";
import { adoptKey, dropIfUnused } from "../core/keys.ts";
import type { Ledger } from "../core/ledger.ts";
import { join, take } from "../core/shortcuts.ts";
import type { Waiter } from "../core/waiter.ts";
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
  readonly #ledger: Ledger<IoPayload<Incoming, Outgoing>>;
  readonly #tracksLeaks: boolean;

  constructor(driver: Driver<Incoming, Outgoing>, announcer: Announcer) {
    this.#driver = driver;
    this.#announcer = announcer;
    this.#ledger = driver.ledger;
    this.#tracksLeaks = driver.config.limits.leakThreshold !== Infinity;
    this.#waiters = new AbortWatch((waiter, reason) => {
      const now = driver.begin();
      // Not one whose grant is decided, though the news is still on its way.
      if (waiter.live) {
        driver.state.abort(waiter, now);
        waiter.refuse?.(reason);
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
      const connection = key.idle.at(-1)?.resource;
      if (connection === undefined) {
        dropIfUnused(this.#ledger, key);
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
    timeout: number,
    refuse: IoPayload<Incoming, Outgoing>["refuse"] | undefined,
    duration: number,
  ): void {
    const { recorder, config: { limits } } = this.#driver;
    const stats = recorder.snapshot();
    refuse?.(toExhaustedError(shortage, key, limits, timeout, stats));
    const { shown } = key.target.address;
    const { kind: reason } = shortage;
    const nobody = { id: undefined, shown };
    this.#announcer.tell("exhausted", nobody, { reason, duration });
  }

  acquire(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    timeout: number,
    ticket: AcquireTicket<Incoming, Outgoing> | undefined,
    grant: IoPayload<Incoming, Outgoing>["grant"],
    refuse: IoPayload<Incoming, Outgoing>["refuse"],
  ): void {
    if (timeout > 0 && !fresh && !ticket?.signal?.aborted) {
      const waiter = join(this.#ledger, key, timeout, ticket);
      if (waiter !== undefined) {
        // It is given its times when the turn ends.
        this.#driver.turn.now();
        this.#await(waiter, grant, refuse);
        return;
      }
    }
    if (this.#isPointless(key, ticket, refuse)) return;
    if (this.#grantNow(key, fresh, ticket, grant)) return;
    const now = this.#driver.begin();
    if (this.#isPointless(key, ticket, refuse)) return;
    // What was due just now may have left the very connection that is wanted.
    const present = adoptKey(this.#ledger, key);
    if (this.#grantNow(present, fresh, ticket, grant)) return;
    if (this.#isPointless(key, ticket, refuse)) return;
    if (timeout === 0) {
      this.#refuse(key, refuse);
      return;
    }
    const { state } = this.#driver;
    const adopted = adoptKey(this.#ledger, key);
    const waiter = state.enqueue(adopted, timeout, fresh, ticket, now);
    this.#await(waiter, grant, refuse);
    this.#driver.finish();
  }

  /** From here on it is answered, or its signal aborts. */
  #await(
    waiter: Waiter<IoPayload<Incoming, Outgoing>>,
    grant: IoPayload<Incoming, Outgoing>["grant"],
    refuse: IoPayload<Incoming, Outgoing>["refuse"],
  ): void {
    waiter.grant = grant;
    waiter.refuse = refuse;
    const signal = waiter.ticket?.signal;
    if (signal !== undefined && waiter.live) this.#waiters.add(signal, waiter);
  }

  /** An acquire is answered: its signal is of no more concern. */
  answered(waiter: Waiter<IoPayload<Incoming, Outgoing>>): void {
    const signal = waiter.ticket?.signal;
    if (signal !== undefined) this.#waiters.remove(signal, waiter);
  }

  warm(
    key: Key<IoPayload<Incoming, Outgoing>>,
    count: number,
    timeout: number,
    ticket: WarmTicket,
  ): void {
    const driver = this.#driver;
    const { signal } = ticket;
    const now = driver.begin();
    if (driver.isClosed || signal?.aborted) {
      dropIfUnused(this.#ledger, key);
      const { shown } = key.target.address;
      ticket.refuse(driver.isClosed ? poolClosed(shown) : signal?.reason);
      return;
    }
    const at = now + timeout;
    const present = adoptKey(this.#ledger, key);
    const warmer = driver.state.warm(present, count, at, ticket, now);
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
    take(this.#ledger, connection.slot);
    if (!this.#tracksLeaks && !this.#announcer.isHeard("release")) {
      connection.leasedAt = this.#ledger.tickedAt;
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

  /**
   * Answers an acquire of a closed pool or under an aborted signal. Asked
   * again after everything that may run user code, which may do either.
   */
  #isPointless(
    key: Key<IoPayload<Incoming, Outgoing>>,
    ticket: AcquireTicket<Incoming, Outgoing> | undefined,
    refuse: IoPayload<Incoming, Outgoing>["refuse"],
  ): boolean {
    const { isClosed, ledger: { counters } } = this.#driver;
    const signal = ticket?.signal;
    if (!isClosed && !signal?.aborted) return false;
    dropIfUnused(this.#ledger, key);
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
    ticket: AcquireTicket<Incoming, Outgoing> | undefined,
    grant: IoPayload<Incoming, Outgoing>["grant"],
  ): boolean {
    const connection = fresh ? this.#takeUnused(key) : this.takeIdle(key);
    if (connection === undefined) return false;
    connection.onReconnect = ticket?.onReconnect;
    grant(this.#driver.createHandle(connection, connection.slot.lease));
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
        dropIfUnused(this.#ledger, key);
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
    refuse: IoPayload<Incoming, Outgoing>["refuse"],
  ): void {
    const { state, recorder } = this.#driver;
    const waitingFor = state.refuseNow();
    // The refusal counts already.
    recorder.forgetSnapshot();
    this.exhausted({ kind: "timeout", waitingFor }, key, 0, refuse, 0);
  }
}
