/**
 * `pool.stats()` as a table for people.
 *
 * @module
 */

import type { PoolStats } from "@jetsocket/pool";

type Row = readonly [name: string, value: number, note?: string];

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Nothing where nothing was measured. */
function times(what: string, { p50, p99, max }: PoolStats["connectTime"]) {
  if (!(max > 0)) return "";
  const [median, most, worst] = [p50, p99, max].map((ms) => ms.toFixed(1));
  return `${what} p50 ${median} ms, p99 ${most} ms, max ${worst} ms`;
}

/** Lists what is above zero: `2 idle, 1 closed`. */
function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

function rowsOf(stats: PoolStats): Row[] {
  const open = {
    connecting: stats.connectingConnections,
    active: stats.activeConnections,
    idle: stats.idleConnections,
    closing: stats.closingConnections,
    lingering: stats.lingeringSockets,
  };
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  return [
    [
      "connections opened",
      stats.totalConnections,
      times("in", stats.connectTime),
    ],
    ["connections reused", stats.totalAcquiredReused],
    ["connections retired", sum(stats.retired), list(stats.retired)],
    ["sockets left", sum(open), list(open)],
    ["dials failed", stats.totalConnectFailures],
    ["leases", stats.totalAcquired, times("waited", stats.acquireWait)],
    ["acquires exhausted", stats.totalExhausted],
    ["messages sent", stats.totalMessagesSent, size(stats.totalBytesSent)],
    [
      "messages received",
      stats.totalMessagesReceived,
      size(stats.totalBytesReceived),
    ],
    ["messages dropped", stats.totalMessagesDropped],
  ];
}

/** One line for each figure: name, number, what else there is to say. */
export function statsTable(stats: PoolStats): string {
  const rows = rowsOf(stats);
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.max(...rows.map(([, value]) => `${value}`.length));
  return rows.map(([name, value, note = ""]) =>
    `${name.padEnd(nameWidth)}  ${`${value}`.padStart(valueWidth)}  ${note}`
      .trimEnd()
  ).join("\n");
}
