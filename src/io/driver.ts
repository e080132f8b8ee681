import type { ResolvedClose } from "../call_options.ts";
import type { ResolvedConfig } from "../config.ts";
import type { Warmer } from "../core/alarm.ts";
import type { Ledger } from "../core/ledger.ts";
import { PoolState } from "../core/pool_state.ts";
import { stamp } from "../core/shortcuts.ts";
import { SlotState } from "../core/slot.ts";
import type { Cohort } from "../core/waiter.ts";
import type { EventHub } from "../event_hub.ts";
import type { Reporter } from "../reporter.ts";
import type { CloseReport, PoolStats } from "../stats.ts";
import { nameOf } from "../thrown.ts";
import { AbortWatch } from "./abort_watch.ts";
import { abortCohort } from "./acquire.ts";
import { Agenda, type Appointment, type Timekeeper } from "./agenda.ts";
import { Announcer } from "./announcer.ts";
import { type Failure, isFatal, isFatalEnd } from "./classification.ts";
import type { Environment } from "./clock.ts";
import { createTranslation, type Translation } from "./codec.ts";
import type { Connection } from "./connection.ts";
import type { GapReason } from "./inbox.ts";
import { isCleanEnd } from "./lease_errors.ts";
import type { LingeringSocket } from "./lingering.ts";
import type { IoPayload } from "./payload.ts";
import { perform } from "./perform.ts";
import { Recorder } from "./recorder.ts";
import { collected } from "./release.ts";
import { Speech } from "./speech.ts";
import type { Traffic } from "./traffic.ts";
import { Turn } from "./turn.ts";

/** The layer above knows what a lease's handle is. */
export type CreateHandle<Incoming, Outgoing> = (
  connection: Connection<Incoming, Outgoing>,
  lease: number,
) => object;

/** What has to be looked at again for room to send. */
export interface Flushable {
  flush(): void;
}

/** A close that is under way, or done. */
interface Closing extends ResolvedClose, PromiseWithResolvers<CloseReport> {
  readonly startedAt: number;
}

/** Which lease a garbage-collected handle stood for. */
interface Held<Incoming, Outgoing> {
  readonly connection: Connection<Incoming, Outgoing>;
  readonly lease: number;
}

/** How often the sockets of waiting senders are looked at, in ms. */
const FLUSH_INTERVAL = 5;

/**
 * Between the core and the world: what the pool's parts share, and the way by
 * which whatever happens is brought to the core (`input`). The core is in
 * order before any user code runs, which may come back here at once.
 */
export class Driver<Incoming, Outgoing> implements Timekeeper {
  readonly config: ResolvedConfig<Incoming, Outgoing>;
  readonly websocket: ResolvedConfig<Incoming, Outgoing>["websocket"];
  /**
   * Whether somebody besides its holder has to do with each lease: listeners to
   * its beginning and end, a reset, the watch on leaks.
   */
  isWatched = false;
  /** In [0, 1). */
  readonly random: () => number;
  /** Makes the handle of a lease. */
  readonly createHandle: CreateHandle<Incoming, Outgoing>;
  readonly agenda: Agenda;
  /** The time to the turn; at its end, those who joined the queue are given theirs. */
  readonly turn: Turn;
  readonly state: PoolState<IoPayload<Incoming, Outgoing>>;
  readonly ledger: Ledger<IoPayload<Incoming, Outgoing>>;
  readonly recorder: Recorder;
  /** Totals over all connections. */
  readonly traffic: Traffic;
  readonly hub: EventHub;
  readonly announcer: Announcer;
  readonly translation: Translation<Incoming, Outgoing>;
  /** The application's own pings and pongs, where there is a heartbeat. */
  readonly speech: Speech<Incoming, Outgoing> | undefined;
  /** Cohorts of acquires, and warms, that wait under a signal. */
  readonly waiters: AbortWatch<Cohort<IoPayload<Incoming, Outgoing>>>;
  readonly warmers: AbortWatch<Warmer<IoPayload<Incoming, Outgoing>>>;
  /** Sockets that nobody uses any more and that are not closed. */
  readonly lingering: Set<LingeringSocket> = new Set();
  /**
   * Notices handles that were garbage-collected unreleased (4.11). They come
   * here at a maintenance tick only, so that a lease that is over by then
   * costs nothing. Nothing is taken out at a release: the number of a released
   * lease is dead, and with it the notice.
   */
  readonly handles: FinalizationRegistry<Held<Incoming, Outgoing>>;
  closing: Closing | undefined;
  /** Whether actions are being performed: what is decided meanwhile comes after them. */
  isPerforming = false;
  readonly #reporter: Reporter;
  readonly #reportThrown: (what: string, thrown: unknown) => void;
  /** Where somebody waits for room to send. */
  readonly #flushing: Set<Flushable> = new Set();
  #flush: Appointment | undefined;
  #isWarned = false;

  constructor(
    config: ResolvedConfig<Incoming, Outgoing>,
    { clock, random }: Environment,
    hub: EventHub,
    reporter: Reporter,
    createHandle: CreateHandle<Incoming, Outgoing>,
  ) {
    const { limits, websocket } = config;
    this.config = config;
    this.websocket = websocket;
    this.random = random;
    this.createHandle = createHandle;
    this.agenda = new Agenda(clock, this);
    this.turn = new Turn(clock, (now) => {
      stamp(this.ledger, now);
      this.agenda.catchUp(now);
      this.agenda.arm();
    });
    this.state = new PoolState(limits);
    this.ledger = this.state.ledger;
    this.recorder = new Recorder(this.ledger);
    this.traffic = this.recorder.traffic;
    this.hub = hub;
    hub.onChange = () => {
      this.isWatched = this.ledger.tracksLeaks || config.reset !== undefined ||
        hub.wants("acquire") || hub.wants("release");
    };
    hub.onChange();
    this.announcer = new Announcer(hub, reporter);
    this.#reporter = reporter;
    // Not its text: these functions see messages, and a parser quotes them.
    this.#reportThrown = (what, thrown) =>
      reporter.report(
        "error",
        `websocket.${what} failed (${nameOf(thrown)}): it must not throw, ` +
          "not be asynchronous, and return what its type says",
      );
    this.translation = createTranslation(websocket);
    this.speech = websocket.heartbeat &&
      new Speech(
        websocket.heartbeat.speech,
        this.translation,
        this.#reportThrown,
      );
    this.waiters = new AbortWatch((cohort, reason) =>
      abortCohort(this, cohort, reason)
    );
    this.warmers = new AbortWatch((warmer, reason) => {
      warmer.ticket.refuse(reason);
      this.input((now) => this.state.endWarm(warmer, now));
    });
    this.handles = new FinalizationRegistry(({ connection, lease }) =>
      collected(connection, lease)
    );
  }

  get isClosed(): boolean {
    return this.ledger.phase !== "open";
  }

  // Inputs

  /** Brings an input to the core, and has what it asks for performed and the timer set. */
  input(change: (now: number) => void): void {
    try {
      change(this.begin());
    } finally {
      // Also if user code threw: others wait for what is decided already.
      this.#perform();
      this.agenda.arm();
    }
  }

  /** Begins an input: whatever is due by now comes first. @returns The time */
  begin(): number {
    const now = this.agenda.clock.now();
    this.turn.advance(now);
    this.recorder.forgetSnapshot();
    this.agenda.catchUp(now);
    return now;
  }

  /** Performs what the core has asked for, in order. User code that runs meanwhile may ask for more: it is done in its turn. */
  #perform(): void {
    const { state } = this;
    if (this.isPerforming || !state.hasActions) return;
    this.isPerforming = true;
    try {
      while (state.hasActions) {
        for (const action of state.takeActions()) perform(this, action);
      }
    } finally {
      this.isPerforming = false;
    }
  }

  clear(reason: string | undefined): void {
    this.input((now) => this.state.clear(now));
    const why = reason === undefined ? "" : `: ${reason}`;
    this.#reporter.log("info", `The pool is cleared${why}`);
  }

  close(options: ResolvedClose): Promise<CloseReport> {
    if (this.closing === undefined) {
      this.closing = {
        ...options,
        ...Promise.withResolvers<CloseReport>(),
        startedAt: this.agenda.clock.now(),
      };
      this.input((now) => this.state.close(now, options.drainTimeout));
    }
    return this.closing.promise;
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
    this.#perform();
  }

  stalled(late: number): void {
    this.state.stalled(late);
  }

  // Connections

  flushSoon(flushable: Flushable): void {
    this.#flushing.add(flushable);
    this.#flush ??= this.agenda.after(FLUSH_INTERVAL, () => {
      this.#flush = undefined;
      const flushing = [...this.#flushing];
      this.#flushing.clear();
      for (const each of flushing) each.flush();
    });
  }

  /** It showed life that is no message for anybody. */
  spoke({ slot }: Connection<Incoming, Outgoing>): void {
    this.state.heard(slot);
  }

  /** A message came for nobody. */
  heardWhileIdle(connection: Connection<Incoming, Outgoing>): void {
    if (this.config.idleMessages === "retire") this.spoiled(connection);
    else this.spoke(connection);
  }

  /** It can serve nobody any more, though its socket is open. */
  spoiled({ slot }: Connection<Incoming, Outgoing>): void {
    this.input((now) => this.state.spoiled(slot, now));
  }

  /** Its peer has fallen silent. */
  fellSilent({ slot }: Connection<Incoming, Outgoing>): void {
    this.input((now) => this.state.silent(slot, now, this.random()));
  }

  socketClosed({ slot, socketEnd: end }: Connection<Incoming, Outgoing>): void {
    const { closing, connecting } = SlotState;
    this.input((now) => {
      // Between two sockets, and before the first, the dial itself reports how it ended.
      if (slot.state === connecting) return;
      const attempt = (slot.key.failed?.attempts ?? 0) + 1;
      const loss = { phase: "lost", end, fatal: isFatalEnd(end) } as const;
      // This asks user code, which may end the lease or the pool: only then is the state read.
      const isRetryable = slot.state !== closing && slot.redial === undefined &&
        !this.isFatal(loss, attempt);
      if (slot.state === closing) this.state.closed(slot, now);
      else {
        const isClean = isCleanEnd(end);
        this.state.lost(slot, now, isRetryable, isClean, this.random());
      }
    });
  }

  /** There is a heartbeat, and no way to ask the peer anything. */
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

  /** Messages that came in reach nobody. */
  gap(
    connection: Connection<Incoming, Outgoing>,
    dropped: number,
    reason: GapReason,
  ): void {
    // A flood that nobody reads comes through here message by message.
    if (!this.announcer.isHeard("gap")) return;
    this.announcer.tell("gap", connection, { reason, dropped });
  }

  /** Whether another dial is pointless: by the user's word, else by default. */
  isFatal(failure: Failure, attempt: number): boolean {
    const { classify } = this.websocket;
    return isFatal(classify, failure, attempt, this.#reportThrown);
  }
}
