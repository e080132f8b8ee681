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

/** Buckets for each doubling of a duration: 16, so that neighbours differ by 6.25 % at most, which is the error of a percentile. */
const BITS = 4;
/** The width of the first buckets: 128 to the ms, 8 µs each. */
const UNITS_PER_MS = 128;
/** What is longer, beyond 9 hours, is in the last bucket too. */
const MOST_UNITS = 2 ** 32 - 1;

/**
 * Counts of durations in buckets that double their width every so often, as
 * HdrHistogram (hdrhistogram.org) has them: constant memory, whatever the
 * number, and no logarithm, as every hand-over counts.
 */
export class Histogram {
  readonly #buckets: Float64Array = new Float64Array(indexOf(MOST_UNITS) + 1);
  #max = 0;
  /** The duration that came last, and how often it has come since another did: not in a bucket yet. */
  #last = 0;
  #times = 0;

  /** @param duration In ms; below 0 counts as 0 */
  add(duration: number): void {
    // Those who are served in one turn have mostly waited as long as each other.
    if (duration === this.#last) this.#times++;
    else this.#turnTo(duration);
  }

  #turnTo(duration: number): void {
    const units = Math.max(0, Math.min(this.#last * UNITS_PER_MS, MOST_UNITS));
    // There is a bucket for every number of units.
    this.#buckets[indexOf(units >>> 0)]! += this.#times;
    this.#max = Math.max(this.#max, duration);
    this.#last = duration;
    this.#times = 1;
  }

  summary(): DurationStats {
    this.#turnTo(0);
    this.#times = 0;
    return Object.freeze({
      p50: this.#percentile(0.5),
      p95: this.#percentile(0.95),
      p99: this.#percentile(0.99),
      max: this.#max,
    });
  }

  /** The upper edge of the bucket in which the percentile lies, never above the maximum. */
  #percentile(share: number): number {
    const count = this.#buckets.reduce((sum, each) => sum + each);
    let left = Math.ceil(count * share);
    if (left === 0) return 0;
    const index = this.#buckets.findIndex((count) => (left -= count) <= 0);
    // The last bucket has all that is longer.
    const isLast = index === this.#buckets.length - 1;
    return isLast ? this.#max : Math.min(edgeOf(index + 1), this.#max);
  }
}

/** The bucket of so many units, an unsigned integer of 32 bits: how often it is halved until few bits are left, and those. */
function indexOf(units: number): number {
  const halvings = Math.max(0, 31 - BITS - Math.clz32(units));
  return (halvings << BITS) + (units >>> halvings);
}

/** Where a bucket begins, in ms. */
function edgeOf(index: number): number {
  const halvings = Math.max(0, (index >> BITS) - 1);
  return (index - (halvings << BITS)) * 2 ** halvings / UNITS_PER_MS;
}
