import type { ReconnectReason, RetireReason } from "./core/actions.ts";

export type { ReconnectReason, RetireReason };

/** A distribution of durations, in ms; all 0 before the first. */
export interface DurationStats {
  /** The median. */
  readonly p50: number;
  /** The 95th percentile. */
  readonly p95: number;
  /** The 99th percentile. */
  readonly p99: number;
  /** The greatest. */
  readonly max: number;
}

/** The gauges of one key. */
export interface KeyStats {
  /** Leased connections, those being reset included. */
  readonly activeConnections: number;
  /** Idle connections, those being probed included. */
  readonly idleConnections: number;
  /** Handshakes in flight. */
  readonly connectingConnections: number;
  /** Connections in their close handshake. */
  readonly closingConnections: number;
  /** Pending acquires. */
  readonly waiting: number;
}

/**
 * A snapshot of the pool.
 *
 * - Acquires started = acquired + exhausted + aborted + failed + closed + waiting.
 * - `totalConnections` = connections present + the sum of `retired`.
 * - Bytes count binary data in bytes and text in UTF-16 code units, which is
 *   the same for ASCII.
 */
export interface PoolStats {
  /** Leased connections, those being reset included. */
  readonly activeConnections: number;
  /** Idle connections, those being probed included. */
  readonly idleConnections: number;
  /** Handshakes in flight. */
  readonly connectingConnections: number;
  /** Connections in their close handshake. */
  readonly closingConnections: number;
  /** Abandoned sockets that are not known to be closed. */
  readonly lingeringSockets: number;
  /** Pending acquires. */
  readonly waiting: number;
  /** Connections ever opened. */
  readonly totalConnections: number;
  /** Sockets that replaced a lost one under the same lease. */
  readonly totalReconnects: number;
  /** Messages handed to sockets. */
  readonly totalMessagesSent: number;
  /** Messages that came in, dropped ones included. */
  readonly totalMessagesReceived: number;
  /** Messages that came in and reached no reader. */
  readonly totalMessagesDropped: number;
  /** Bytes handed to sockets. */
  readonly totalBytesSent: number;
  /** Bytes that came in. */
  readonly totalBytesReceived: number;
  /** Acquires that began. */
  readonly totalAcquireStarted: number;
  /** Acquires that got a connection. */
  readonly totalAcquired: number;
  /** The part of `totalAcquired` that got a connection leased before. */
  readonly totalAcquiredReused: number;
  /** Leases given back. */
  readonly totalReleased: number;
  /** Acquires refused with `PoolExhaustedError`. */
  readonly totalExhausted: number;
  /** Acquires ended by their signal. */
  readonly totalAborted: number;
  /** Acquires refused with `ConnectError`. */
  readonly totalAcquireFailed: number;
  /** Acquires refused with `PoolClosedError`. */
  readonly totalAcquireClosed: number;
  /** Dials that failed. */
  readonly totalConnectFailures: number;
  /** Probes that failed. */
  readonly totalHealthCheckFailures: number;
  /** Connections that left the pool, by reason. */
  readonly retired: Readonly<Record<RetireReason, number>>;
  /** How long acquires waited that had to wait. */
  readonly acquireWait: DurationStats;
  /** How long dials took that succeeded, `onOpen` included. */
  readonly connectTime: DurationStats;
  /** Gauges by redacted key. Keys that look the same get `#2`, `#3`. */
  readonly byKey: ReadonlyMap<string, KeyStats>;
}

/** A snapshot of one leased connection. */
export interface ConnectionStats {
  /** Messages handed to its socket since it was opened. */
  readonly messagesSent: number;
  /** Messages that came in, dropped ones included. */
  readonly messagesReceived: number;
  /** Messages that came in and reached no reader. */
  readonly messagesDropped: number;
  /** Bytes handed to its socket. */
  readonly bytesSent: number;
  /** Bytes that came in. */
  readonly bytesReceived: number;
  /** Sockets that replaced a lost one under the same lease. */
  readonly reconnects: number;
  /** Time from a heartbeat's ping to its pong, in ms; undefined before the first. */
  readonly latency:
    | { readonly last: number; readonly mean: number }
    | undefined;
  /** Time since its present socket was opened, in ms. */
  readonly age: number;
  /** Time since the last message, in ms, to the second; undefined before the first. */
  readonly sinceLastMessage: number | undefined;
}

/** What `close` did. */
export interface CloseReport {
  /** Leases that were released in time. */
  readonly drained: number;
  /** Leases that were ended by force. */
  readonly forced: number;
  /** Sockets whose peers did not answer the close handshake. */
  readonly abandoned: number;
}

/** Buckets per doubling: neighbours differ by 9 %, which is the error of a percentile. */
const BUCKETS_PER_DOUBLING = 8;
/** The first bucket ends here, in ms. */
const SMALLEST = 2 ** -7;
/** Where the buckets end: from 8 µs to 12 days. */
const EDGES = Float64Array.from(
  { length: 37 * BUCKETS_PER_DOUBLING },
  (_, index) => SMALLEST * 2 ** (index / BUCKETS_PER_DOUBLING),
);

/** Counts of durations in buckets of growing width: constant memory, whatever the number. */
export class Histogram {
  readonly #buckets: Float64Array = new Float64Array(EDGES.length);
  #max = 0;
  /** The bucket of the last duration, and its edges: the first duration falls outside. */
  #index = 0;
  #from = Infinity;
  #to = Infinity;

  add(duration: number): void {
    // Those who stand in one queue wait about as long as each other: mostly the bucket is the last one.
    if (duration <= this.#from || duration > this.#to) this.#aim(duration);
    // The index is cut to the array's bounds.
    this.#buckets[this.#index]!++;
    if (duration > this.#max) this.#max = duration;
  }

  summary(): DurationStats {
    return Object.freeze({
      p50: this.#percentile(0.5),
      p95: this.#percentile(0.95),
      p99: this.#percentile(0.99),
      max: this.#max,
    });
  }

  #aim(duration: number): void {
    const doublings = Math.log2(Math.max(duration, SMALLEST) / SMALLEST);
    const index = Math.ceil(doublings * BUCKETS_PER_DOUBLING);
    this.#index = Math.min(index, EDGES.length - 1);
    this.#from = EDGES[this.#index - 1] ?? -Infinity;
    this.#to = EDGES[this.#index] ?? Infinity;
  }

  /** The upper edge of the bucket in which the percentile lies, never above the maximum. */
  #percentile(share: number): number {
    const count = this.#buckets.reduce((sum, each) => sum + each);
    let left = Math.ceil(count * share);
    if (left === 0) return 0;
    const index = this.#buckets.findIndex((count) => (left -= count) <= 0);
    return Math.min(EDGES[index] ?? Infinity, this.#max);
  }
}
