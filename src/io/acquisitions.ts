import type { Key } from "../core/key.ts";
import type { Waiter } from "../core/waiter.ts";
import type { Warmer } from "../core/warmer.ts";
import { AbortWatch } from "./abort_watch.ts";
import type { Announcer } from "./announcer.ts";
import type { Connection } from "./connection.ts";
import type { Driver } from "./driver.ts";
import { poolClosed } from "./lease_errors.ts";
import type { IoPayload } from "./payload.ts";
import { toExhaustedError } from "./refusal_error.ts";
import type { AcquireTicket, WarmTicket } from "./ticket.ts";

/** Whoever asks for connections: answers at once where that is possible, else joins them to the core's queue, under their signals. */
export class Acquisitions<Incoming, Outgoing> {
  readonly #driver: Driver<Incoming, Outgoing>;
  readonly #announcer: Announcer;
  readonly #waiters: AbortWatch<Waiter<IoPayload<Incoming, Outgoing>>>;
  readonly #warmers: AbortWatch<Warmer<IoPayload<Incoming, Outgoing>>>;
  readonly #tracksLeaks: boolean;

  constructor(driver: Driver<Incoming, Outgoing>, announcer: Announcer) {
    this.#driver = driver;
    this.#announcer = announcer;
    this.#tracksLeaks = driver.config.limits.leakThreshold !== Infinity;
    this.#waiters = new AbortWatch((waiter, reason) => {
      driver.state.abort(waiter, driver.begin());
      waiter.ticket.refuse(reason);
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
   */
  takeIdle(key: Key<IoPayload<Incoming, Outgoing>>):
    | Connection<Incoming, Outgoing>
    | undefined {
    for (;;) {
      const connection = key.idle.last?.resource;
      if (connection === undefined) return undefined;
      if (connection.isOpen) {
        this.#lease(connection);
        return connection;
      }
      this.#driver.spoiled(connection);
    }
  }

  acquire(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    ticket: AcquireTicket<Incoming, Outgoing>,
  ): void {
    const { signal, timeout } = ticket;
    const { counters } = this.#driver.ledger;
    if (this.#driver.isClosed) {
      counters.closed++;
      ticket.refuse(poolClosed(key.target.address.shown));
    } else if (signal?.aborted) {
      counters.aborted++;
      ticket.refuse(signal.reason);
    } else if (!this.#grantNow(key, fresh, ticket)) {
      if (timeout === 0) this.#refuse(key, ticket);
      else this.#enqueue(key, fresh, ticket);
    }
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
    const { signal } = ticket;
    if (driver.isClosed) {
      ticket.refuse(poolClosed(key.target.address.shown));
      return;
    }
    if (signal?.aborted) {
      ticket.refuse(signal.reason);
      return;
    }
    const now = driver.begin();
    const warmer = driver.state.warm(key, count, now + timeout, ticket, now);
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

  #lease(connection: Connection<Incoming, Outgoing>): void {
    const driver = this.#driver;
    driver.state.take(
      connection.slot,
      this.#tracksLeaks ? driver.begin() : 0,
    );
    connection.leasedAt = this.#tracksLeaks || this.#announcer.timesLeases
      ? driver.agenda.clock.now()
      : driver.tickedAt;
    this.#announcer.acquired(connection, 0);
  }

  #grantNow(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    { grant, stack, onReconnect }: AcquireTicket<Incoming, Outgoing>,
  ): boolean {
    const connection = fresh ? this.#takeUnused(key) : this.takeIdle(key);
    if (connection === undefined) return false;
    connection.leaseStack = stack;
    connection.onReconnect = onReconnect;
    grant(connection, connection.slot.lease);
    return true;
  }

  #takeUnused(key: Key<IoPayload<Incoming, Outgoing>>):
    | Connection<Incoming, Outgoing>
    | undefined {
    for (;;) {
      const connection = this.#driver.state.firstUnused(key)?.resource;
      if (connection === undefined) return undefined;
      if (connection.isOpen) {
        this.#lease(connection);
        return connection;
      }
      this.#driver.spoiled(connection);
    }
  }

  /** Refuses an acquire that may not wait. */
  #refuse(
    key: Key<IoPayload<Incoming, Outgoing>>,
    { refuse, timeout }: AcquireTicket<Incoming, Outgoing>,
  ): void {
    const driver = this.#driver;
    driver.begin();
    const waitingFor = driver.state.refuseNow();
    const { limits } = driver.config;
    const shortage = { kind: "timeout", waitingFor } as const;
    refuse(toExhaustedError(shortage, key, limits, timeout, driver.stats()));
    this.#announcer.exhausted(key.target.address.shown, "timeout", 0);
    driver.finish();
  }

  #enqueue(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    ticket: AcquireTicket<Incoming, Outgoing>,
  ): void {
    const driver = this.#driver;
    const now = driver.begin();
    const { signal, timeout } = ticket;
    // What was due just now may have dropped the record, or left the very connection that is wanted.
    const current = driver.ledger.keys.adopt(key);
    if (!this.#grantNow(current, fresh, ticket)) {
      const waiter = driver.state.enqueue(
        current,
        now + timeout,
        fresh,
        ticket,
        now,
      );
      if (signal !== undefined && waiter.live) {
        this.#waiters.add(signal, waiter);
      }
    }
    driver.finish();
  }
}
