import type { BackoffPolicy } from "./backoff.ts";
import type { RatePolicy } from "./rate_limit.ts";

/** The numbers the core keeps to: durations in ms, `Infinity` for none. */
export interface Limits {
  readonly maxConnections: number;
  readonly maxConnectionsPerKey: number;
  readonly maxConnecting: number;
  readonly maxWaiting: number;
  readonly maxIdleTime: number;
  readonly maxLifetime: number;
  readonly healthCheckInterval: number;
  readonly healthCheckTimeout: number;
  /** Probes under way at once. */
  readonly maxProbing: number;
  readonly connectTimeout: number;
  readonly resetTimeout: number;
  readonly closeTimeout: number;
  readonly leakThreshold: number;
  readonly backoff: BackoffPolicy;
  /** Failed attempts after which a reconnect is given up; 0 where leases end with their sockets. */
  readonly maxReconnectAttempts: number;
  readonly connectRate: RatePolicy | undefined;
}

const SHORTEST_TICK = 10;
const LONGEST_TICK = 1_000;

/** How often the maintenance tick comes, in ms. */
export function tickInterval(limits: Limits): number {
  const tenth = Math.min(limits.maxIdleTime, limits.healthCheckInterval) / 10;
  return Math.min(LONGEST_TICK, Math.max(SHORTEST_TICK, tenth));
}

/**
 * How many handshakes one key may have in flight while others want to dial,
 * and all failing keys together: a dead host never delays a healthy one for
 * longer than it takes to notice.
 */
export function dialShare(limits: Limits): number {
  return Math.max(1, Math.floor(limits.maxConnecting / 2));
}
