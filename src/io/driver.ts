import type { ResolvedClose } from "../call_options.ts";
import type { ResolvedConfig } from "../config.ts";
import type { Key } from "../core/key.ts";
import type { Ledger } from "../core/ledger.ts";
import { PoolState } from "../core/pool_state.ts";
import { type Slot, SlotState } from "../core/slot.ts";
import type { Waiter } from "../core/waiter.ts";
import type { Warmer } from "../core/warmer.ts";
import type { EventHub } from "../event_hub.ts";
import type { WebSocketLike } from "../options.ts";
import type { Reporter } from "../reporter.ts";
import type { CloseReport, PoolStats } from "../stats.ts";
import { AbortWatch } from "./abort_watch.ts";
import { Agenda, type Appointment, type Timekeeper } from "./agenda.ts";
import { Announcer } from "./announcer.ts";
import type { Environment } from "./clock.ts";
import { createTranslation, type Translation } from "./codec.ts";
import { type Connection, leaseReleased, poolClosed } from "./connection.ts";
import type { ConnectionHost } from "./host.ts";
import type { GapReason } from "./inbox.ts";
import type { Outbox } from "./outbox.ts";
import type { IoPayload } from "./payload.ts";
import { Performer } from "./performer.ts";
import { Recorder } from "./recorder.ts";
import { toExhaustedError } from "./refusal_error.ts";
import type { Target } from "./target.ts";
import type { AcquireTicket, WarmTicket } from "./ticket.ts";
import type { Traffic } from "./traffic.ts";
import { openWebSocket } from "./web_socket.ts";

/** How often the sockets of waiting senders are looked at, in ms. */
const FLUSH_INTERVAL = 5;

const done: Promise<void> = Promise.resolve();

/**
 * Between the core and the world: brings what happens to the core as inputs,
 * with the time, and has its actions performed. The core is in order before
 * any user code runs, which may come back here at once.
 */
export class Driver<Incoming, Outgoing>
  implements ConnectionHost<Incoming, Outgoing>, Timekeeper {
  readonly config: ResolvedConfig<Incoming, Outgoing>;
  readonly agenda: Agenda;
  readonly translation: Translation<Incoming, Outgoing>;
  readonly state: PoolState<IoPayload<Incoming, Outgoing>>;
  readonly recorder: Recorder;
  readonly #announcer: Announcer;
  readonly #performer: Performer<Incoming, Outgoing>;
  readonly #acquireAborts: AbortWatch<Waiter<IoPayload<Incoming, Outgoing>>>;
  readonly #warmAborts: AbortWatch<Warmer<IoPayload<Incoming, Outgoing>>>;
  readonly #tracksLeaks: boolean;
  /** Where somebody waits for room to send. */
  readonly #flushing: Set<Outbox> = new Set();
  #flush: Appointment | undefined;
  #closing: Promise<CloseReport> | undefined;

  constructor(
    config: ResolvedConfig<Incoming, Outgoing>,
    environment: Environment,
    hub: EventHub,
    reporter: Reporter,
  ) {
    this.config = config;
    this.agenda = new Agenda(environment.clock, this);
    this.translation = createTranslation(config.websocket);
    this.state = new PoolState(config.limits);
    this.recorder = new Recorder(this.state.ledger);
    this.#announcer = new Announcer(hub, reporter);
    this.#performer = new Performer(this, this.#announcer, environment.random);
    this.#tracksLeaks = config.limits.leakThreshold !== Infinity;
    this.#acquireAborts = new AbortWatch((waiter, reason) => {
      const now = this.begin();
      // Not one whose grant is decided, though the news is still on its way.
      if (waiter.live) {
        this.state.abort(waiter, now);
        waiter.ticket.refuse(reason);
      }
      this.finish();
    });
    this.#warmAborts = new AbortWatch((warmer, reason) => {
      warmer.ticket.refuse(reason);
      this.state.endWarm(warmer, this.begin());
      this.finish();
    });
  }

  get ledger(): Ledger<IoPayload<Incoming, Outgoing>> {
    return this.state.ledger;
  }

  get websocket(): ResolvedConfig<Incoming, Outgoing>["websocket"] {
    return this.config.websocket;
  }

  get healthCheck(): ResolvedConfig<Incoming, Outgoing>["healthCheck"] {
    return this.config.healthCheck;
  }

  get reset(): ResolvedConfig<Incoming, Outgoing>["reset"] {
    return this.config.reset;
  }

  get traffic(): Traffic {
    return this.recorder.traffic;
  }

  get tickedAt(): number {
    return this.ledger.upkeep.tickedAt;
  }

  get isClosed(): boolean {
    return this.ledger.phase !== "open";
  }

  // Inputs

  /** Begins an input: whatever is due by now comes first. @returns The time */
  begin(): number {
    const now = this.agenda.clock.now();
    this.recorder.forgetSnapshot();
    this.agenda.catchUp(now);
    return now;
  }

  /** Ends an input: has the actions performed and the timer set. */
  finish(): void {
    this.#performer.run();
    this.agenda.arm();
  }

  /**
   * Leases an idle connection of a key, if there is one that is open at this
   * moment. The hot path: it reads no clock, sets no timer and makes nothing.
   * Whoever has made the handle announces it with `leased`.
   */
  takeIdle(
    key: Key<IoPayload<Incoming, Outgoing>>,
    stack: string | undefined,
  ): Connection<Incoming, Outgoing> | undefined {
    // Before the choice: what is due may retire the very connection.
    const now = this.#tracksLeaks ? this.begin() : 0;
    for (;;) {
      const connection = key.idle.last?.resource;
      if (connection === undefined) {
        this.ledger.keys.dropIfUnused(key);
        return undefined;
      }
      if (connection.isOpen) {
        this.#take(connection, stack, now);
        return connection;
      }
      this.spoiled(connection);
    }
  }

  /** Announces the lease of an idle connection: its listeners may end it at once. */
  leased(connection: Connection<Incoming, Outgoing>): void {
    this.#announcer.acquired(connection, 0);
  }

  acquire(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    ticket: AcquireTicket<Incoming, Outgoing>,
  ): void {
    if (this.#isPointless(key, ticket)) return;
    if (this.#grantNow(key, fresh, ticket)) return;
    const now = this.begin();
    if (this.#isPointless(key, ticket)) return;
    // What was due just now may have left the very connection that is wanted.
    if (this.#grantNow(this.ledger.keys.adopt(key), fresh, ticket)) return;
    if (this.#isPointless(key, ticket)) return;
    if (ticket.timeout === 0) this.#refuseNow(key, ticket);
    else this.#enqueue(key, fresh, ticket, now);
  }

  /** An acquire or a `warm` is answered: its signal is of no more concern. */
  answered(waiter: Waiter<IoPayload<Incoming, Outgoing>>): void {
    const { signal } = waiter.ticket;
    if (signal !== undefined) this.#acquireAborts.remove(signal, waiter);
  }

  warm(
    key: Key<IoPayload<Incoming, Outgoing>>,
    count: number,
    timeout: number,
    ticket: WarmTicket,
  ): void {
    const { signal } = ticket;
    const now = this.begin();
    if (this.isClosed || signal?.aborted) {
      this.ledger.keys.dropIfUnused(key);
      ticket.refuse(
        this.isClosed ? poolClosed(key.target.address.shown) : signal?.reason,
      );
      return;
    }
    const warmer = this.state.warm(
      this.ledger.keys.adopt(key),
      count,
      now + timeout,
      ticket,
      now,
    );
    if (signal !== undefined && warmer.live) {
      this.#warmAborts.add(signal, warmer);
    }
    this.finish();
  }

  warmed(warmer: Warmer<IoPayload<Incoming, Outgoing>>): void {
    const { signal } = warmer.ticket;
    if (signal !== undefined) this.#warmAborts.remove(signal, warmer);
  }

  release(
    connection: Connection<Incoming, Outgoing>,
    lease: number,
    isDiscarded: boolean,
  ): Promise<void> {
    if (
      !isDiscarded && this.reset === undefined && connection.isReusable &&
      connection.isQuiet && !this.#announcer.timesLeases &&
      this.state.restore(connection.slot, lease)
    ) {
      connection.handle = undefined;
      return done;
    }
    return this.#release(connection, lease, isDiscarded);
  }

  clear(): void {
    this.state.clear(this.begin());
    this.finish();
  }

  close(options: ResolvedClose): Promise<CloseReport> {
    if (this.#closing !== undefined) return this.#closing;
    this.#closing = this.#performer.awaitClose(options);
    this.state.close(this.begin(), options.drainTimeout);
    this.finish();
    return this.#closing;
  }

  get closing(): Promise<CloseReport> | undefined {
    return this.#closing;
  }

  stats(): PoolStats {
    // Leases and messages pass without an input.
    this.recorder.forgetSnapshot();
    return this.recorder.snapshot();
  }

  // Time

  get nextAt(): number {
    return this.state.nextAt;
  }

  advance(now: number): void {
    this.state.advance(now);
    this.#performer.run();
  }

  stalled(late: number): void {
    this.state.stalled(late);
  }

  // Connections

  openSocket(target: Target): WebSocketLike {
    return openWebSocket(this.config.websocket, target);
  }

  flushSoon(outbox: Outbox): void {
    this.#flushing.add(outbox);
    this.#flush ??= this.agenda.after(FLUSH_INTERVAL, () => {
      this.#flush = undefined;
      const outboxes = [...this.#flushing];
      this.#flushing.clear();
      for (const each of outboxes) each.flush();
    });
  }

  heardWhileIdle(connection: Connection<Incoming, Outgoing>): void {
    if (this.config.idleMessages === "retire") this.spoiled(connection);
    else this.state.heard(connection.slot);
  }

  /** A connection that rests without a lease had something to say first: only the books are changed. */
  greeted(connection: Connection<Incoming, Outgoing>, now: number): void {
    const { slot } = connection;
    if (this.config.idleMessages === "retire") this.state.spoiled(slot, now);
    else this.state.heard(slot);
  }

  spoiled(connection: Connection<Incoming, Outgoing>): void {
    this.state.spoiled(connection.slot, this.begin());
    this.finish();
  }

  socketClosed(connection: Connection<Incoming, Outgoing>): void {
    const now = this.begin();
    const { slot } = connection;
    if (this.#performer.lingering.delete(connection)) {
      this.state.lingerEnded(now);
    } else if (slot.state === SlotState.closing) {
      this.state.closed(slot, now);
    } else if (slot.state !== SlotState.connecting) {
      // While connecting the dial itself reports how it ended.
      this.state.lost(slot, now);
    }
    this.finish();
  }

  gap(
    connection: Connection<Incoming, Outgoing>,
    count: number,
    reason: GapReason,
  ): void {
    this.#announcer.gap(connection, count, reason);
  }

  /** The handle of a lease was garbage-collected. */
  collected(
    slot: Slot<IoPayload<Incoming, Outgoing>>,
    lease: number,
  ): void {
    const { resource } = slot;
    if (slot.lease !== lease || resource === undefined) return;
    const duration = this.agenda.clock.now() - resource.leasedAt;
    if (slot.state === SlotState.leased) {
      this.#announcer.leaked(resource, "collected", duration);
    }
    this.#release(resource, lease, true);
  }

  #take(
    connection: Connection<Incoming, Outgoing>,
    stack: string | undefined,
    now: number,
  ): void {
    this.state.take(connection.slot, now);
    const { timesLeases } = this.#announcer;
    connection.leasedAt = this.#tracksLeaks || timesLeases
      ? this.agenda.clock.now()
      : this.tickedAt;
    connection.leaseStack = stack;
    // It may be a leak before anything else is due.
    if (this.#tracksLeaks) this.agenda.arm();
  }

  /**
   * Answers an acquire of a closed pool or under an aborted signal. Asked
   * again after everything that may run user code, which may do either.
   */
  #isPointless(
    key: Key<IoPayload<Incoming, Outgoing>>,
    { signal, refuse }: AcquireTicket<Incoming, Outgoing>,
  ): boolean {
    if (!this.isClosed && !signal?.aborted) return false;
    const { counters, keys } = this.ledger;
    keys.dropIfUnused(key);
    if (this.isClosed) {
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
    { grant, stack }: AcquireTicket<Incoming, Outgoing>,
  ): boolean {
    const connection = fresh
      ? this.#takeUnused(key, stack)
      : this.takeIdle(key, stack);
    if (connection === undefined) return false;
    grant(connection, connection.slot.lease);
    this.leased(connection);
    return true;
  }

  #takeUnused(
    key: Key<IoPayload<Incoming, Outgoing>>,
    stack: string | undefined,
  ): Connection<Incoming, Outgoing> | undefined {
    const now = this.begin();
    for (;;) {
      const connection = this.state.firstUnused(key)?.resource;
      if (connection === undefined) {
        this.ledger.keys.dropIfUnused(key);
        return undefined;
      }
      if (connection.isOpen) {
        this.#take(connection, stack, now);
        return connection;
      }
      this.spoiled(connection);
    }
  }

  #refuseNow(
    key: Key<IoPayload<Incoming, Outgoing>>,
    { refuse, timeout }: AcquireTicket<Incoming, Outgoing>,
  ): void {
    this.recorder.forgetSnapshot();
    const waitingFor = this.state.refuseNow();
    this.#announcer.exhausted(key.target.address.shown, "timeout", 0);
    refuse(
      toExhaustedError(
        { kind: "timeout", waitingFor },
        key,
        this.config.limits,
        timeout,
        this.recorder.snapshot(),
      ),
    );
  }

  #enqueue(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    ticket: AcquireTicket<Incoming, Outgoing>,
    now: number,
  ): void {
    const { signal, timeout } = ticket;
    const waiter = this.state.enqueue(
      this.ledger.keys.adopt(key),
      now + timeout,
      fresh,
      ticket,
      now,
    );
    if (signal !== undefined && waiter.live) {
      this.#acquireAborts.add(signal, waiter);
    }
    this.finish();
  }

  #release(
    connection: Connection<Incoming, Outgoing>,
    lease: number,
    isDiscarded: boolean,
  ): Promise<void> {
    const { slot } = connection;
    if (slot.lease !== lease) return done;
    const now = this.begin();
    const fate = isDiscarded || !connection.isReusable
      ? "discard"
      : this.reset === undefined
      ? "reuse"
      : "reset";
    this.state.release(slot, lease, fate, now);
    connection.endLease(leaseReleased(connection.shown), true);
    const duration = now - connection.leasedAt;
    this.#announcer.released(connection, fate === "discard", duration);
    this.finish();
    return slot.state === SlotState.resetting
      ? this.#performer.awaitReset(slot)
      : done;
  }
}
