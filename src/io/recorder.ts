import type { Key } from "../core/key.ts";
import type { Ledger } from "../core/ledger.ts";
import type { Payload } from "../core/slot.ts";
import { Histogram, type KeyStats, type PoolStats } from "../stats.ts";
import type { Target } from "./payload.ts";
import { Traffic } from "./traffic.ts";

type ShownPayload = Payload & { target: Target };

/** What is measured outside the core, and the snapshot of everything. */
export class Recorder {
  readonly traffic: Traffic = new Traffic();
  readonly acquireWait: Histogram = new Histogram();
  readonly connectTime: Histogram = new Histogram();
  readonly #ledger: Ledger<ShownPayload>;
  #snapshot: PoolStats | undefined;

  constructor(ledger: Ledger<ShownPayload>) {
    this.#ledger = ledger;
  }

  /** One snapshot serves all errors of an input: a hundred thousand waiters can time out at once. */
  snapshot(): PoolStats {
    return this.#snapshot ??= this.#take();
  }

  forgetSnapshot(): void {
    this.#snapshot = undefined;
  }

  /** O(keys). */
  #take(): PoolStats {
    const ledger = this.#ledger;
    const { counters, waiting, lingering, keys } = ledger;
    const { acquired, exhausted, aborted, failed, closed } = counters;
    const { traffic } = this;
    return Object.freeze({
      activeConnections: ledger.leased + ledger.resetting,
      idleConnections: ledger.idle + ledger.probing,
      connectingConnections: ledger.connecting.size,
      closingConnections: ledger.closing,
      lingeringSockets: lingering,
      waiting,
      totalConnections: counters.opened,
      totalReconnects: counters.reconnects,
      totalMessagesSent: traffic.messagesSent,
      totalMessagesReceived: traffic.messagesReceived,
      totalMessagesDropped: traffic.messagesDropped,
      totalBytesSent: traffic.bytesSent,
      totalBytesReceived: traffic.bytesReceived,
      // Every acquire that began has one of these ends, or waits.
      totalAcquireStarted: acquired + exhausted + aborted + failed + closed +
        waiting,
      totalAcquired: acquired,
      totalAcquiredReused: acquired - counters.acquiredUnused,
      totalReleased: counters.released,
      totalExhausted: exhausted,
      totalAborted: aborted,
      totalAcquireFailed: failed,
      totalAcquireClosed: closed,
      totalConnectFailures: counters.connectFailures,
      totalHealthCheckFailures: counters.healthCheckFailures,
      retired: Object.freeze({ ...counters.retired }),
      acquireWait: this.acquireWait.summary(),
      connectTime: this.connectTime.summary(),
      byKey: byKey(keys.values()),
    });
  }
}

/** Keys that look the same are told apart by a number: what differs may be secret. */
function byKey(
  keys: Iterable<Key<ShownPayload>>,
): ReadonlyMap<string, KeyStats> {
  const stats = new Map<string, KeyStats>();
  const namesakes = new Map<string, number>();
  for (const key of keys) {
    const { shown } = key.target.address;
    let name = shown;
    let number = namesakes.get(shown) ?? 1;
    // `redactUrl` may have made such a name itself.
    while (stats.has(name)) name = `${shown} #${++number}`;
    namesakes.set(shown, number);
    stats.set(name, keyStats(key));
  }
  return stats;
}

function keyStats(key: Key<ShownPayload>): KeyStats {
  const idle = key.idle.length + key.probing;
  return Object.freeze({
    activeConnections: key.size - idle - key.connecting - key.closing,
    idleConnections: idle,
    connectingConnections: key.connecting,
    closingConnections: key.closing,
    waiting: key.waiting,
  });
}
