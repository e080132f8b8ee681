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
  type PoolEventMap,
  type PoolEventType,
  ReconnectEvent,
  ReconnectingEvent,
  ReleaseEvent,
  RetireEvent,
} from "../events.ts";
import type { Level, Reporter } from "../reporter.ts";
import type { CloseReport } from "../stats.ts";

/** What is told of a connection, or of the want of one: all but the end of the pool. */
type Topic = Exclude<PoolEventType, "close">;

/** What an event says besides which connection it is about. */
type Details<Type extends Topic> = Omit<
  PoolEventMap[Type],
  keyof Event | "connectionId" | "url"
>;

/** The event that listeners get, and what the logger hears, where it hears anything: how loudly, and in what words. */
type Voice<Type extends Topic> = readonly [
  event: new (
    fields: Pick<PoolEventMap[Type], "connectionId" | "url"> & Details<Type>,
  ) => Event,
  level?: Level,
  line?: (details: Details<Type>) => string | undefined,
];

const VOICES: { readonly [Type in Topic]: Voice<Type> } = {
  connect: [
    ConnectEvent,
    "debug",
    ({ duration }) => `open after ${ms(duration)}`,
  ],
  connectfailed: [ConnectFailedEvent, "warn", ({ error }) => error.message],
  acquire: [AcquireEvent],
  release: [ReleaseEvent],
  exhausted: [ExhaustedEvent],
  lost: [LostEvent, "warn", ({ closeCode }) => `lost with code ${closeCode}`],
  reconnecting: [
    ReconnectingEvent,
    "warn",
    ({ reason }) => `reconnecting: ${reason}`,
  ],
  reconnect: [
    ReconnectEvent,
    "info",
    ({ duration }) => `reconnected after ${ms(duration)}`,
  ],
  retire: [RetireEvent, "debug", ({ reason }) => `retired: ${reason}`],
  healthcheck: [
    HealthCheckEvent,
    "warn",
    ({ reason }) => reason === "failed" ? "failed its probe" : undefined,
  ],
  gap: [GapEvent],
  leak: [
    LeakEvent,
    "warn",
    ({ reason, duration }) =>
      reason === "held"
        ? `leak: still leased after ${ms(duration)}`
        : "leak: its lease was garbage-collected unreleased",
  ],
};

/** Tells the world what happened: events for who listens, lines for the logger. */
export class Announcer {
  readonly #hub: EventHub;
  readonly #reporter: Reporter;

  constructor(hub: EventHub, reporter: Reporter) {
    this.#hub = hub;
    this.#reporter = reporter;
  }

  /** Whether anybody listens: who could be asked very often does before it tells. */
  isHeard(type: Topic): boolean {
    return this.#hub.wants(type);
  }

  /** Whether anybody listens, or reads the log. */
  isTold(type: Topic): boolean {
    return this.#reporter.hasLogger || this.#hub.wants(type);
  }

  /** Tells of a connection, or of what had none. */
  tell<Type extends Topic>(
    type: Type,
    { id, shown }: {
      readonly id: PoolEventMap[Type]["connectionId"];
      /** The address, redacted. */
      readonly shown: string;
    },
    details: Details<Type>,
  ): void {
    const [EventClass, level, line] = VOICES[type];
    if (level !== undefined && this.#reporter.hasLogger) {
      const text = line?.(details);
      if (text !== undefined) {
        this.#reporter.log(level, `Connection ${id} to ${shown}: ${text}`);
      }
    }
    if (this.#hub.wants(type)) {
      this.#hub.emit(
        new EventClass({ connectionId: id, url: shown, ...details }),
      );
    }
  }

  closed(report: CloseReport, duration: number): void {
    this.#reporter.log("debug", `The pool is closed after ${ms(duration)}`);
    if (!this.#hub.wants("close")) return;
    this.#hub.emit(new PoolCloseEvent({ reason: "closed", report, duration }));
  }
}

function ms(duration: number): string {
  return `${Math.round(duration)} ms`;
}
