import type { Ledger } from "../core/ledger.ts";
import type { Key } from "../core/key.ts";
import type { Payload } from "../core/slot.ts";
import type { Histogram, KeyStats, PoolStats } from "../stats.ts";
import type { Target } from "./target.ts";
import type { Traffic } from "./traffic.ts";

type ShownPayload = Payload & { target: Target };

/** Takes a snapshot of the pool: O(keys). */
export function takeSnapshot(
  ledger: Ledger<ShownPayload>,
  traffic: Traffic,
  acquireWait: Histogram,
  connectTime: Histogram,
): PoolStats {
  const { counters, waiting } = ledger;
  const { acquired, exhausted, aborted, failed, closed } = counters;
  return Object.freeze({
    activeConnections: ledger.leased + ledger.resetting,
    idleConnections: ledger.idle + ledger.probing,
    connectingConnections: ledger.connecting.size,
    closingConnections: ledger.closing,
    lingeringSockets: ledger.lingering,
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
    acquireWait: acquireWait.summary(),
    connectTime: connectTime.summary(),
    byKey: byKey(ledger.keys.values()),
  });
}

/** Keys that look the same are told apart by a number: what differs may be secret. */
function byKey(
  keys: Iterable<Key<ShownPayload>>,
): ReadonlyMap<string, KeyStats> {
  const stats = new Map<string, KeyStats>();
  const namesakes = new Map<string, number>();
  for (const key of keys) {
    const { shown } = key.target.address;
    let number = namesakes.get(shown) ?? 0;
    let name: string;
    do {
      number++;
      name = number === 1 ? shown : `${shown} #${number}`;
      // `redactUrl` may have made such a name itself.
    } while (stats.has(name));
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
