import type { ConnectError, ConnectPhase } from "./errors.ts";
import type { CloseReport, ReconnectReason, RetireReason } from "./stats.ts";

// Fields are filled by one `Object.assign`, hence the `!`. They are defined by
// their classes first: what somebody has put on `Object.prototype` sees nothing.

/** A connection was opened. */
export class ConnectEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** What the dial was for. */
  readonly reason!: "acquire" | "warm";
  /** How long the dial took, `onOpen` included, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<ConnectEvent, keyof Event>) {
    super("connect");
    Object.assign(this, fields);
  }
}

/** A dial failed. */
export class ConnectFailedEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Which part failed. */
  readonly reason!: ConnectPhase;
  /** The failure. */
  readonly error!: ConnectError;
  /** How long the dial took, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<ConnectFailedEvent, keyof Event>) {
    super("connectfailed");
    Object.assign(this, fields);
  }
}

/** A connection was leased. */
export class AcquireEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Whether a lease of this connection came before. */
  readonly reason!: "new" | "reused";
  /** How long the acquire waited, in ms; 0 for one that found a connection idle. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<AcquireEvent, keyof Event>) {
    super("acquire");
    Object.assign(this, fields);
  }
}

/** A lease ended. */
export class ReleaseEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Whether the connection may serve again. */
  readonly reason!: "released" | "discarded";
  /** How long the lease lasted, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<ReleaseEvent, keyof Event>) {
    super("release");
    Object.assign(this, fields);
  }
}

/** An acquire was refused with `PoolExhaustedError`. */
export class ExhaustedEvent extends Event {
  /** Number of the connection in its pool; undefined, there was none. */
  readonly connectionId!: undefined;
  /** The address, redacted. */
  readonly url!: string;
  /** Whether its time was over or the queue full. */
  readonly reason!: "timeout" | "queue-full";
  /** How long it waited, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(
    fields: Omit<ExhaustedEvent, keyof Event | "connectionId"> & {
      connectionId?: undefined;
    },
  ) {
    super("exhausted");
    Object.assign(this, fields);
  }
}

/** A leased connection was closed by the peer or the network. */
export class LostEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Whether the peer closed it in good order. */
  readonly reason!: "closed" | "broken";
  /** The close code; 1006 where there was none. */
  readonly closeCode!: number;
  /** How long the connection was open, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<LostEvent, keyof Event>) {
    super("lost");
    Object.assign(this, fields);
  }
}

/** A leased connection has lost its socket, or gives it up before its end of life, and gets a new one. */
export class ReconnectingEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Why. */
  readonly reason!: ReconnectReason;
  /** The close code of the old socket, if it has closed. */
  readonly closeCode!: number | undefined;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<ReconnectingEvent, keyof Event>) {
    super("reconnecting");
    Object.assign(this, fields);
  }
}

/** A leased connection has its new socket; `onOpen` and `onReconnect` are done. */
export class ReconnectEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Why it needed one. */
  readonly reason!: ReconnectReason;
  /** Dials it took, from 1. */
  readonly attempts!: number;
  /** How long it was without a socket, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<ReconnectEvent, keyof Event>) {
    super("reconnect");
    Object.assign(this, fields);
  }
}

/** A connection left the pool. */
export class RetireEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Why, by the keys of `PoolStats.retired`. */
  readonly reason!: RetireReason;
  /** How long the connection was open, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<RetireEvent, keyof Event>) {
    super("retire");
    Object.assign(this, fields);
  }
}

/** An idle connection was probed. */
export class HealthCheckEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** The outcome. */
  readonly reason!: "passed" | "failed";
  /** How long the probe took, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<HealthCheckEvent, keyof Event>) {
    super("healthcheck");
    Object.assign(this, fields);
  }
}

/** Messages were dropped. */
export class GapEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Why: the inbox was full, the message invalid, nobody had read it at the release, nobody held the connection, or it came after the close. */
  readonly reason!: "overflow" | "invalid" | "unread" | "idle" | "late";
  /** How many messages. */
  readonly dropped!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<GapEvent, keyof Event>) {
    super("gap");
    Object.assign(this, fields);
  }
}

/** A lease was held longer than `leakThreshold`, or its handle was garbage-collected unreleased. */
export class LeakEvent extends Event {
  /** Number of the connection in its pool. */
  readonly connectionId!: number;
  /** The address, redacted. */
  readonly url!: string;
  /** Which of the two. */
  readonly reason!: "held" | "collected";
  /** The stack of the acquire, where `leakThreshold` is set. */
  readonly stack!: string | undefined;
  /** How long the lease has lasted, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<LeakEvent, keyof Event>) {
    super("leak");
    Object.assign(this, fields);
  }
}

/** The pool has closed. */
export class PoolCloseEvent extends Event {
  /** Always the same. */
  readonly reason!: "closed";
  /** What the close did. */
  readonly report!: CloseReport;
  /** How long it took, in ms. */
  readonly duration!: number;

  /**
   * Makes the event.
   *
   * @param fields The fields of the event
   */
  constructor(fields: Omit<PoolCloseEvent, keyof Event>) {
    super("close");
    Object.assign(this, fields);
  }
}

/** The pool's events by type, for `addEventListener`. */
export interface PoolEventMap {
  /** A connection was opened. */
  connect: ConnectEvent;
  /** A dial failed. */
  connectfailed: ConnectFailedEvent;
  /** A connection was leased. */
  acquire: AcquireEvent;
  /** A lease ended. */
  release: ReleaseEvent;
  /** An acquire was refused with `PoolExhaustedError`. */
  exhausted: ExhaustedEvent;
  /** A leased connection was closed by the peer or the network. */
  lost: LostEvent;
  /** A leased connection gets a new socket. */
  reconnecting: ReconnectingEvent;
  /** A leased connection has its new socket. */
  reconnect: ReconnectEvent;
  /** A connection left the pool. */
  retire: RetireEvent;
  /** An idle connection was probed. */
  healthcheck: HealthCheckEvent;
  /** Messages were dropped. */
  gap: GapEvent;
  /** A lease was held longer than `leakThreshold`, or its handle was garbage-collected unreleased. */
  leak: LeakEvent;
  /** The pool has closed. */
  close: PoolCloseEvent;
}

/** The type of one of the pool's events. */
export type PoolEventType = keyof PoolEventMap;
