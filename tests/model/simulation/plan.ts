import type { RuntimeName } from "../../support/runtime_profile.ts";
import { type CodecName, CODECS } from "./dialect.ts";
import { Random } from "./random.ts";

/** What is dialled: a path of its own, so that it is known by whatever shows an address. */
export interface Target {
  readonly index: number;
  readonly path: string;
  readonly host: number;
  readonly protocols: readonly string[];
}

export const RUNTIMES: readonly RuntimeName[] = [
  "deno",
  "node",
  "bun",
  "chromium",
];

export const HOSTS = 2;

/** Shortest time limit of an acquire but 0, in ms. */
export const SHORTEST_TIMEOUT = 40;

/** Everything that a seed decides before the first event. */
export type Plan = ReturnType<typeof makePlan>;

export function makePlan(seed: number) {
  const random = new Random(seed);
  const maxConnections = random.between(1, 5);
  return {
    seed,
    // By turns: a few seeds see them all.
    runtime: random.pick(RUNTIMES),
    targets: makeTargets(random),
    codec: random.pick<CodecName>(CODECS),
    hasSchema: random.chance(0.3),
    limits: makeLimits(random, maxConnections),
    connectRate: random.chance(0.25)
      ? {
        limit: random.between(1, 6),
        interval: random.pick([100, 400, 1_500]),
      }
      : undefined,
    reconnect: random.chance(0.6) && makeReconnect(random),
    heartbeat: random.chance(0.5) ? makeHeartbeat(random) : undefined,
    timeouts: {
      connect: random.pick([250, 400, 900]),
      close: random.pick([0, 50, 400]),
    },
    idleMessages: random.pick(["discard", "discard", "retire"] as const),
    onInvalid: random.pick(["throw", "skip"] as const),
    inbox: {
      capacity: random.pick([1, 4, 16, 1_000]),
      maxBytes: random.pick([200, 4_000, 1_000_000]),
      overflow: random.pick(["error", "drop-oldest", "drop-newest"] as const),
    },
    sendHighWaterMark: random.pick([0, 300, 100_000]),
    hooks: {
      onOpen: random.pick(["none", "quick", "login"] as const),
      reset: random.pick(["none", "none", "quick", "talk"] as const),
      healthCheck: random.pick(["none", "quick", "talk"] as const),
      resolveUrl: random.pick(["none", "sync", "async"] as const),
      headers: random.pick(["none", "static", "function"] as const),
      classify: random.pick(["none", "none", "moody"] as const),
    },
    /** Which events somebody listens to: what nobody hears takes shorter paths. */
    listens: random.pick(["all", "all", "all", "most", "none"] as const),
    /** How likely it is that a hook misbehaves while there are faults. */
    hookTrouble: random.pick([0, 0.05, 0.2]),
    /** How likely listeners and callbacks are to call the pool themselves. */
    reentrancy: random.pick([0, 0.05, 0.2]),
    /** How likely a caller is to go on before all is done that the last call led to. */
    haste: random.pick([0, 0.2, 0.5]),
    latency: random.pick([1, 5, 15]),
    /** Mean ms between faults, and between words of a server nobody asked. */
    faultGap: random.pick([8, 30, 120, 500]),
    talkGap: random.pick([15, 100, 500, Infinity]),
    burst: random.pick([1, 3, 40]),
    /** Mean ms between what callers do, and how many things they do. */
    callGap: random.pick([2, 8, 30]),
    calls: random.between(60, 240),
    /** Leases that callers want at once; above `maxConnections` there is a queue. */
    appetite: random.between(1, 3 * maxConnections + 1),
    /** Whether the pool is closed in the midst of it. */
    isCutShort: random.chance(0.3),
    ends: makeEnds(random),
  };
}

function makeTargets(random: Random): Target[] {
  const count = random.between(1, 4);
  return Array.from({ length: count }, (_, index) => ({
    index,
    path: `/t${index}`,
    host: random.below(HOSTS),
    protocols: random.chance(0.2) ? ["v1", "v2"] : [],
  }));
}

function makeLimits(random: Random, maxConnections: number) {
  return {
    maxConnections,
    maxConnectionsPerKey: random.chance(0.3)
      ? random.between(1, maxConnections)
      : Infinity,
    maxConnecting: random.between(1, 4),
    maxWaiting: random.chance(0.15) ? random.pick([0, 2]) : Infinity,
    maxIdleTime: random.pick([0, 500, 2_000, 20_000, 20_000]),
    maxLifetime: random.pick([Infinity, Infinity, 400, 2_500]),
    healthCheckInterval: random.pick([Infinity, 300, 300, 1_500]),
    healthCheckTimeout: random.pick([30, 200]),
    acquireTimeout: random.pick([150, 800, 3_000, 3_000]),
    resetTimeout: random.pick([40, 300]),
    leakThreshold: random.pick([Infinity, Infinity, Infinity, 200]),
  };
}

function makeReconnect(random: Random) {
  const minDelay = random.pick([5, 40, 200]);
  return {
    minDelay,
    maxDelay: minDelay * random.pick([1, 4, 10]),
    multiplier: random.pick([1, 2]),
    jitter: random.pick([0, 0.5, 1]),
    maxAttempts: random.pick([1, 3, Infinity, Infinity]),
    resetAfter: random.pick([0, 500, 3_000]),
  };
}

function makeHeartbeat(random: Random) {
  const interval = random.pick([80, 300]);
  return {
    style: random.pick(["frames", "message", "raw"] as const),
    interval,
    timeout: interval / 2,
    maxSilence: random.chance(0.3) ? 4 * interval : Infinity,
    /** Whether the servers ask as well, and are answered. */
    replies: random.chance(0.5),
  };
}

function makeEnds(random: Random) {
  return {
    drainTimeout: random.pick([0, 60, 500, 500]),
    code: random.pick([1_000, 3_000, 4_999]),
    reason: random.pick(["", "bye", "…".repeat(60)]),
  };
}
