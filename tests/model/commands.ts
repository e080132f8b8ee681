import fc from "fast-check";
import type { Limits } from "../../src/core/limits.ts";

/**
 * What may happen to a pool, as plain data, so that a failing run shrinks and
 * can be read. `pick` chooses among the candidates there are at that moment;
 * a command without a candidate does nothing.
 */
export type Command =
  | {
    readonly kind: "acquire";
    readonly key: number;
    readonly fresh: boolean;
    readonly timeout: number;
  }
  | { readonly kind: "tryAcquire"; readonly key: number }
  | { readonly kind: "abort"; readonly pick: number }
  | {
    readonly kind: "release" | "releaseStale";
    readonly pick: number;
    readonly fate: "reuse" | "reset" | "discard";
  }
  | { readonly kind: "opened"; readonly pick: number; readonly spread: number }
  | {
    readonly kind: "dialFailed";
    readonly pick: number;
    readonly fatal: boolean;
    readonly closed: boolean;
    readonly random: number;
  }
  | {
    readonly kind: "lost" | "spoiled" | "closed" | "heard";
    readonly pick: number;
  }
  | { readonly kind: "hookDone"; readonly pick: number; readonly well: boolean }
  | {
    readonly kind: "warm";
    readonly key: number;
    readonly count: number;
    readonly timeout: number;
  }
  | { readonly kind: "endWarm"; readonly pick: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "waitForNext" }
  | { readonly kind: "stall"; readonly ms: number }
  /** What is asked for is performed only after the next command, as when user code re-enters. */
  | { readonly kind: "hold" }
  | { readonly kind: "clear" }
  | { readonly kind: "close"; readonly drainTimeout: number };

/** One run: a pool, what happens to it, and whether its sockets can be killed. */
export interface Scenario {
  readonly limits: Limits;
  readonly killable: boolean;
  readonly commands: readonly Command[];
}

export const KEYS = ["a", "b", "c", "d"];

const pick = fc.nat({ max: 7 });
const key = fc.nat({ max: KEYS.length - 1 });
const share = fc.constantFrom(0, 0.25, 0.5, 0.99);
const fate = fc.constantFrom("reuse" as const, "reset", "discard");
const timeout = fc.constantFrom(20, 60, 200, 1_000, Infinity);

const commands = {
  acquire: fc.record({
    kind: fc.constant("acquire"),
    key,
    fresh: fc.constant(false),
    timeout,
  }),
  acquireBusy: fc.record({
    kind: fc.constant("acquire"),
    key: fc.constant(0),
    fresh: fc.constant(false),
    timeout,
  }),
  acquireFresh: fc.record({
    kind: fc.constant("acquire"),
    key,
    fresh: fc.constant(true),
    timeout,
  }),
  acquireNow: fc.record({
    kind: fc.constant("acquire"),
    key,
    fresh: fc.boolean(),
    timeout: fc.constant(0),
  }),
  tryAcquire: fc.record({ kind: fc.constant("tryAcquire"), key }),
  abort: fc.record({ kind: fc.constant("abort"), pick }),
  reuse: fc.record({
    kind: fc.constant("release"),
    pick,
    fate: fc.constant("reuse"),
  }),
  release: fc.record({ kind: fc.constant("release"), pick, fate }),
  releaseStale: fc.record({ kind: fc.constant("releaseStale"), pick, fate }),
  opened: fc.record({ kind: fc.constant("opened"), pick, spread: share }),
  dialFailed: fc.record({
    kind: fc.constant("dialFailed"),
    pick,
    fatal: fc.boolean(),
    closed: fc.boolean(),
    random: share,
  }),
  socket: fc.record({
    kind: fc.constantFrom("lost", "spoiled", "heard"),
    pick,
  }),
  closed: fc.record({ kind: fc.constant("closed"), pick }),
  hookDone: fc.record({
    kind: fc.constant("hookDone"),
    pick,
    well: fc.boolean(),
  }),
  warm: fc.record({
    kind: fc.constant("warm"),
    key,
    count: fc.integer({ min: 1, max: 4 }),
    timeout,
  }),
  endWarm: fc.record({ kind: fc.constant("endWarm"), pick }),
  wait: fc.record({
    kind: fc.constant("wait"),
    ms: fc.constantFrom(1, 5, 15, 40, 120),
  }),
  waitForNext: fc.record({ kind: fc.constant("waitForNext") }),
  stall: fc.record({
    kind: fc.constant("stall"),
    ms: fc.constantFrom(1_000, 5_000),
  }),
  hold: fc.record({ kind: fc.constant("hold") }),
  clear: fc.record({ kind: fc.constant("clear") }),
  close: fc.record({
    kind: fc.constant("close"),
    drainTimeout: fc.constantFrom(0, 50, Infinity),
  }),
} satisfies Record<string, fc.Arbitrary<Command>>;

type Name = keyof typeof commands;
type Weights = readonly (readonly [Name, number])[];

/** How often each command comes; runs differ in it, so that each corner is somebody's main road. */
const PROFILES: readonly Weights[] = [
  // Much demand, few failures: queues, fairness, eviction.
  [
    ["acquire", 30],
    ["acquireFresh", 2],
    ["opened", 20],
    ["reuse", 25],
    ["release", 2],
    ["closed", 8],
    ["wait", 2],
    ["abort", 2],
    ["hold", 2],
    ["tryAcquire", 2],
  ],
  // One busy key: waiters join, and are served, where nothing has to be decided.
  [
    ["acquireBusy", 32],
    ["acquire", 2],
    ["acquireFresh", 1],
    ["opened", 12],
    ["reuse", 26],
    ["release", 1],
    ["closed", 4],
    ["dialFailed", 1],
    ["socket", 1],
    ["warm", 1],
    ["wait", 2],
    ["abort", 2],
    ["hold", 1],
  ],
  // Failing dials, backoff, deadlines.
  [
    ["acquire", 20],
    ["acquireFresh", 4],
    ["opened", 8],
    ["dialFailed", 14],
    ["release", 8],
    ["closed", 6],
    ["wait", 8],
    ["waitForNext", 8],
    ["abort", 4],
    ["warm", 3],
    ["clear", 1],
    ["hold", 2],
  ],
  // Idle connections, upkeep, everything now and then.
  [
    ["acquire", 16],
    ["acquireFresh", 6],
    ["acquireNow", 2],
    ["tryAcquire", 4],
    ["abort", 3],
    ["release", 14],
    ["releaseStale", 2],
    ["opened", 16],
    ["dialFailed", 3],
    ["socket", 5],
    ["closed", 5],
    ["hookDone", 6],
    ["warm", 5],
    ["endWarm", 1],
    ["wait", 6],
    ["waitForNext", 10],
    ["stall", 1],
    ["hold", 3],
    ["clear", 1],
  ],
];

function sequenceOf(weights: Weights, maxLength: number) {
  const choices = weights.map(([name, weight]) => ({
    weight,
    arbitrary: commands[name],
  }));
  return fc.array<Command>(fc.oneof(...choices), { maxLength, size: "max" });
}

const limits: fc.Arbitrary<Limits> = fc.record({
  maxConnections: fc.integer({ min: 1, max: 5 }),
  maxConnectionsPerKey: fc.constantFrom(1, 2, 3, Infinity),
  maxConnecting: fc.integer({ min: 1, max: 5 }),
  maxWaiting: fc.constantFrom(0, 1, 3, Infinity, Infinity),
  maxIdleTime: fc.constantFrom(60, 400, Infinity),
  maxLifetime: fc.constantFrom(150, Infinity),
  healthCheckInterval: fc.constantFrom(50, Infinity),
  healthCheckTimeout: fc.constant(20),
  maxProbing: fc.integer({ min: 1, max: 2 }),
  connectTimeout: fc.constantFrom(30, 300),
  resetTimeout: fc.constant(25),
  closeTimeout: fc.constantFrom(0, 25, 200),
  leakThreshold: fc.constantFrom(40, Infinity, Infinity),
  backoff: fc.record({
    minDelay: fc.constantFrom(10, 40),
    maxDelay: fc.constant(100),
    multiplier: fc.constant(2),
    jitter: fc.constantFrom(0, 1),
    resetAfter: fc.constantFrom(50, 500),
  }),
  maxReconnectAttempts: fc.constant(0),
  connectRate: fc.constant(undefined),
});

const lives = fc.oneof(
  ...PROFILES.map((weights) => sequenceOf(weights, 90)),
);

/** After its end a pool still hears of what was under way. */
const endings = fc.tuple(
  commands.close,
  sequenceOf(
    [
      ["release", 4],
      ["releaseStale", 2],
      ["closed", 4],
      ["opened", 2],
      ["dialFailed", 2],
      ["wait", 2],
      ["acquire", 1],
    ],
    15,
  ),
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  limits,
  killable: fc.boolean(),
  commands: fc.tuple(lives, fc.option(endings, { nil: undefined })).map(
    ([life, ending]) =>
      ending === undefined ? life : [...life, ending[0], ...ending[1]],
  ),
});

/** The candidate a command picks. */
export function choose<T>(
  candidates: readonly T[],
  pick: number,
): T | undefined {
  return candidates[pick % candidates.length];
}
