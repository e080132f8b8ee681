import type { ReconnectReason, RetireReason } from "../core/actions.ts";
import type { EventHub } from "../event_hub.ts";
import {
  AcquireEvent,
  ConnectEvent,
  ConnectFailedEvent,
  ExhaustedEvent,
  GapEvent,
  HealthCheckEvent,
  LeakEvent,
  LostEvent,
  PoolCloseEvent,
  ReconnectEvent,
  ReconnectingEvent,
  ReleaseEvent,
  RetireEvent,
} from "../events.ts";
import type { Reporter } from "../reporter.ts";
import type { CloseReport } from "../stats.ts";
import { type DialFailure, toConnectError } from "./dial_failure.ts";
import type { GapReason } from "./inbox.ts";
import type { SocketEnd } from "./socket.ts";

/** What may be told of a connection. */
export interface Announced {
  readonly id: number;
  readonly shown: string;
  readonly isReused: boolean;
  readonly reconnectReason: ReconnectReason;
  readonly socketEnd: SocketEnd | undefined;
  readonly leaseStack: string | undefined;
}

/** Tells the world what happened: events for who listens, lines for the logger. */
export class Announcer {
  readonly #hub: EventHub;
  readonly #reporter: Reporter;

  constructor(hub: EventHub, reporter: Reporter) {
    this.#hub = hub;
    this.#reporter = reporter;
  }

  /** Whether leases have to be timed to the ms. */
  get timesLeases(): boolean {
    return this.#hub.wants("release");
  }

  connected(
    connection: Announced,
    reason: "acquire" | "warm",
    duration: number,
  ): void {
    this.#log("debug", connection, () => `open after ${ms(duration)}`);
    if (!this.#hub.wants("connect")) return;
    const subject = subjectOf(connection);
    this.#hub.emit(new ConnectEvent({ ...subject, reason, duration }));
  }

  connectFailed(
    connection: Announced,
    failure: DialFailure,
    attempts: number,
    duration: number,
  ): void {
    this.#log(
      "warn",
      connection,
      () => `not opened: ${failure.why} (attempt ${attempts})`,
    );
    if (!this.#hub.wants("connectfailed")) return;
    const error = toConnectError(failure, connection.shown, attempts);
    const { phase: reason } = failure;
    const subject = subjectOf(connection);
    this.#hub.emit(
      new ConnectFailedEvent({ ...subject, reason, error, duration }),
    );
  }

  acquired(connection: Announced, duration: number): void {
    if (!this.#hub.wants("acquire")) return;
    const reason = connection.isReused ? "reused" : "new";
    const subject = subjectOf(connection);
    this.#hub.emit(new AcquireEvent({ ...subject, reason, duration }));
  }

  released(
    connection: Announced,
    isDiscarded: boolean,
    duration: number,
  ): void {
    if (!this.#hub.wants("release")) return;
    const reason = isDiscarded ? "discarded" : "released";
    const subject = subjectOf(connection);
    this.#hub.emit(new ReleaseEvent({ ...subject, reason, duration }));
  }

  exhausted(
    url: string,
    reason: "timeout" | "queue-full",
    duration: number,
  ): void {
    if (!this.#hub.wants("exhausted")) return;
    this.#hub.emit(
      new ExhaustedEvent({ connectionId: undefined, url, reason, duration }),
    );
  }

  lost(connection: Announced, duration: number): void {
    const { code: closeCode = 1006, wasClean = false } = connection.socketEnd ??
      {};
    this.#log("warn", connection, () => `lost with code ${closeCode}`);
    if (!this.#hub.wants("lost")) return;
    const reason = wasClean ? "closed" : "broken";
    const subject = subjectOf(connection);
    this.#hub.emit(new LostEvent({ ...subject, reason, closeCode, duration }));
  }

  reconnecting(connection: Announced, reason: ReconnectReason): void {
    this.#log("warn", connection, () => `reconnecting: ${reason}`);
    if (!this.#hub.wants("reconnecting")) return;
    const closeCode = connection.socketEnd?.code;
    const subject = subjectOf(connection);
    this.#hub.emit(new ReconnectingEvent({ ...subject, reason, closeCode }));
  }

  reconnected(
    connection: Announced,
    attempts: number,
    duration: number,
  ): void {
    this.#log("info", connection, () => `reconnected after ${ms(duration)}`);
    if (!this.#hub.wants("reconnect")) return;
    const { reconnectReason: reason } = connection;
    const subject = subjectOf(connection);
    this.#hub.emit(
      new ReconnectEvent({ ...subject, reason, attempts, duration }),
    );
  }

  retired(
    connection: Announced,
    reason: RetireReason,
    duration: number,
  ): void {
    this.#log("debug", connection, () => `retired: ${reason}`);
    if (!this.#hub.wants("retire")) return;
    const subject = subjectOf(connection);
    this.#hub.emit(new RetireEvent({ ...subject, reason, duration }));
  }

  probed(
    connection: Announced,
    hasPassed: boolean,
    duration: number,
  ): void {
    if (!hasPassed) this.#log("warn", connection, () => "failed its probe");
    if (!this.#hub.wants("healthcheck")) return;
    const reason = hasPassed ? "passed" : "failed";
    const subject = subjectOf(connection);
    this.#hub.emit(new HealthCheckEvent({ ...subject, reason, duration }));
  }

  gap(connection: Announced, dropped: number, reason: GapReason): void {
    if (!this.#hub.wants("gap")) return;
    const subject = subjectOf(connection);
    this.#hub.emit(new GapEvent({ ...subject, reason, dropped }));
  }

  leaked(
    connection: Announced,
    reason: "held" | "collected",
    duration: number,
  ): void {
    const how = reason === "held"
      ? `still leased after ${ms(duration)}`
      : "its lease was garbage-collected unreleased";
    this.#log("warn", connection, () => `leak: ${how}`);
    if (!this.#hub.wants("leak")) return;
    const subject = subjectOf(connection);
    const { leaseStack: stack } = connection;
    this.#hub.emit(new LeakEvent({ ...subject, reason, stack, duration }));
  }

  closed(report: CloseReport, duration: number): void {
    this.#reporter.log("debug", `The pool is closed after ${ms(duration)}`);
    if (!this.#hub.wants("close")) return;
    this.#hub.emit(new PoolCloseEvent({ reason: "closed", report, duration }));
  }

  #log(
    level: "debug" | "info" | "warn",
    connection: Announced,
    text: () => string,
  ): void {
    if (!this.#reporter.hasLogger) return;
    const { id, shown } = connection;
    this.#reporter.log(level, `Connection ${id} to ${shown}: ${text()}`);
  }
}

function subjectOf(
  { id, shown }: Announced,
): { connectionId: number; url: string } {
  return { connectionId: id, url: shown };
}

function ms(duration: number): string {
  return `${Math.round(duration)} ms`;
}
