import type { ResolvedClose } from "../call_options.ts";
import type { ResolvedConfig } from "../config.ts";
import type { Ledger } from "../core/ledger.ts";
import { PoolState } from "../core/pool_state.ts";
import { stamp } from "../core/shortcuts.ts";
import { SlotState } from "../core/slot.ts";
import type { EventHub } from "../event_hub.ts";
import type { WebSocketLike } from "../options.ts";
import type { Reporter } from "../reporter.ts";
import type { CloseReport, PoolStats } from "../stats.ts";
import { nameOf } from "../thrown.ts";
import { Acquisitions } from "./acquisitions.ts";
import { Agenda, type Appointment, type Timekeeper } from "./agenda.ts";
import { Announcer } from "./announcer.ts";
import type { Environment } from "./clock.ts";
import { createTranslation, type Translation } from "./codec.ts";
import { isFatal, isFatalEnd } from "./classification.ts";
import type { Connection } from "./connection.ts";
import type { DialFailure } from "./dial_failure.ts";
import type { DialRequest } from "./dial_request.ts";
import type { ConnectionHost, Flushable } from "./host.ts";
import type { GapReason } from "./inbox.ts";
import { isCleanEnd } from "./lease_errors.ts";
import type { IoPayload } from "./payload.ts";
import { Performer } from "./performer.ts";
import { Recorder } from "./recorder.ts";
import { Releases } from "./releases.ts";
import { Speech } from "./speech.ts";
import type { Traffic } from "./traffic.ts";
import { Turn } from "./turn.ts";
import { openWebSocket } from "./web_socket.ts";

/** The layer above knows what a lease's handle is. */
export type CreateHandle<Incoming, Outgoing> = (
  connection: Connection<Incoming, Outgoing>,
  lease: number,
) => object;

/** How often the sockets of waiting senders are looked at, in ms. */
const FLUSH_INTERVAL = 5;

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
  readonly #reporter: Reporter;
  #isWarned = false;
  readonly performer: Performer<Incoming, Outgoing>;
  readonly acquisitions: Acquisitions<Incoming, Outgoing>;
  readonly releases: Releases<Incoming, Outgoing>;
  readonly speech: Speech<Incoming, Outgoing> | undefined;
  readonly websocket: ResolvedConfig<Incoming, Outgoing>["websocket"];
  readonly reset: ResolvedConfig<Incoming, Outgoing>["reset"];
  /** The time to the turn; at its end, those who joined the queue are given theirs. */
  readonly turn: Turn;
  /** Makes the handle of a lease. */
  readonly createHandle: CreateHandle<Incoming, Outgoing>;
  readonly #random: () => number;
  readonly #reportThrown: (what: string, thrown: unknown) => void;
  /** Where somebody waits for room to send. */
  readonly #flushing: Set<Flushable> = new Set();
  #flush: Appointment | undefined;
  #closing: Promise<CloseReport> | undefined;

  constructor(
    config: ResolvedConfig<Incoming, Outgoing>,
    environment: Environment,
    hub: EventHub,
    reporter: Reporter,
    createHandle: CreateHandle<Incoming, Outgoing>,
  ) {
    this.createHandle = createHandle;
    this.config = config;
    this.websocket = config.websocket;
    this.reset = config.reset;
    this.turn = new Turn(environment.clock, (now) => {
      stamp(this.ledger, now);
      this.agenda.catchUp(now);
      this.agenda.arm();
    });
    this.agenda = new Agenda(environment.clock, this);
    this.translation = createTranslation(config.websocket);
    this.state = new PoolState(config.limits);
    this.recorder = new Recorder(this.state.ledger);
    this.#reporter = reporter;
    this.#announcer = new Announcer(hub, reporter);
    this.performer = new Performer(this, this.#announcer, environment.random);
    this.acquisitions = new Acquisitions(this, this.#announcer);
    this.releases = new Releases(this, this.#announcer);
    this.#random = environment.random;
    // Not its text: these functions see messages, and a parser quotes them.
    this.#reportThrown = (what, thrown) =>
      reporter.report(
        "error",
        `websocket.${what} failed (${nameOf(thrown)}): it must not throw, ` +
          "not be asynchronous, and return what its type says",
      );
    const { heartbeat } = config.websocket;
    this.speech = heartbeat &&
      new Speech(heartbeat.speech, this.translation, this.#reportThrown);
  }

  get ledger(): Ledger<IoPayload<Incoming, Outgoing>> {
    return this.state.ledger;
  }

  get baseUrl(): URL | undefined {
    return this.config.baseUrl;
  }

  get healthCheck(): ResolvedConfig<Incoming, Outgoing>["healthCheck"] {
    return this.config.healthCheck;
  }

  get traffic(): Traffic {
    return this.recorder.traffic;
  }

  get tickedAt(): number {
    return this.ledger.tickedAt;
  }

  get isClosed(): boolean {
    return this.ledger.phase !== "open";
  }

  // Inputs

  /** Begins an input: whatever is due by now comes first. @returns The time */
  begin(): number {
    const now = this.agenda.clock.now();
    this.turn.advance(now);
    this.recorder.forgetSnapshot();
    this.agenda.catchUp(now);
    return now;
  }

  /** Ends an input: has the actions performed and the timer set. */
  finish(): void {
    this.performer.run();
    this.agenda.arm();
  }

  clear(reason: string | undefined): void {
    this.state.clear(this.begin());
    this.finish();
    const why = reason === undefined ? "" : `: ${reason}`;
    this.#reporter.log("info", `The pool is cleared${why}`);
  }

  close(options: ResolvedClose): Promise<CloseReport> {
    if (this.#closing !== undefined) return this.#closing;
    this.#closing = this.performer.awaitClose(options);
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
    this.performer.run();
  }

  stalled(late: number): void {
    this.state.stalled(late);
  }

  // Connections

  dialBegun({ slot }: Connection<Incoming, Outgoing>): void {
    if (this.config.limits.connectRate === undefined) return;
    this.state.dialBegun(slot, this.begin());
    this.finish();
  }

  openSocket(request: DialRequest): WebSocketLike {
    return openWebSocket(this.config.websocket.factory, request);
  }

  flushSoon(flushable: Flushable): void {
    this.#flushing.add(flushable);
    this.#flush ??= this.agenda.after(FLUSH_INTERVAL, () => {
      this.#flush = undefined;
      const flushing = [...this.#flushing];
      this.#flushing.clear();
      for (const each of flushing) each.flush();
    });
  }

  spoke(connection: Connection<Incoming, Outgoing>): void {
    this.state.heard(connection.slot);
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
    const { slot, socketEnd } = connection;
    const wasOpen = slot.state !== SlotState.closing &&
      slot.state !== SlotState.connecting;
    // Between two sockets, the redial reports what went wrong. This asks user
    // code, which may end the lease or the pool: only then is the state read.
    const retry = wasOpen && slot.redial === "none" &&
      this.#isRetryable(connection);
    if (slot.state === SlotState.closing) {
      this.state.closed(slot, now);
    } else if (slot.state !== SlotState.connecting) {
      // While connecting the dial itself reports how it ended.
      const isClean = isCleanEnd(socketEnd);
      this.state.lost(slot, now, retry, isClean, this.#random());
    }
    this.finish();
  }

  fellSilent(connection: Connection<Incoming, Outgoing>): void {
    this.state.silent(connection.slot, this.begin(), this.#random());
    this.finish();
  }

  cannotPing(): void {
    const { heartbeat } = this.websocket;
    if (this.#isWarned || heartbeat?.policy.maxSilence !== Infinity) return;
    this.#isWarned = true;
    this.#reporter.report(
      "warn",
      "websocket.heartbeat has no ping, and this WebSocket cannot send ping frames: " +
        "a peer that is gone without a word shows only in bytes that do not leave. " +
        "Set heartbeat.ping, or heartbeat.maxSilence",
    );
  }

  lingerEnded(): void {
    this.state.lingerEnded(this.begin());
    this.finish();
  }

  gap(
    connection: Connection<Incoming, Outgoing>,
    dropped: number,
    reason: GapReason,
  ): void {
    this.#announcer.tell("gap", connection, { reason, dropped });
  }

  /** A failed dial, with the user's word on whether another makes sense. */
  classified(failure: DialFailure, attempt: number): DialFailure {
    const { classify } = this.websocket;
    const fatal = isFatal(classify, failure, attempt, this.#reportThrown);
    return { ...failure, fatal };
  }

  /** Whether a connection that was open is worth another dial. */
  #isRetryable(connection: Connection<Incoming, Outgoing>): boolean {
    const attempt = (connection.slot.key.failed?.attempts ?? 0) + 1;
    const { socketEnd: end } = connection;
    const loss = { phase: "lost", end, fatal: isFatalEnd(end) } as const;
    const { classify } = this.websocket;
    return !isFatal(classify, loss, attempt, this.#reportThrown);
  }
}
