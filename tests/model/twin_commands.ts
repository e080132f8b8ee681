import fc from "fast-check";
import type { Limits } from "../../src/core/limits.ts";

/**
 * What two cores are told alike, as plain data. `pick` chooses among the
 * candidates there are at that moment; a command without a candidate does
 * nothing.
 */
export type TwinCommand =
  | {
    readonly kind: "acquire";
    readonly key: number;
    readonly fresh: boolean;
    readonly timeout: number;
  }
  | {
    readonly kind: "release";
    readonly pick: number;
    readonly fate: "reuse" | "reset" | "discard";
  }
  | {
    readonly kind: "dialEnds";
    readonly pick: number;
    /** Whether its socket was asked for: the rate counts from there. */
    readonly isBegun: boolean;
    readonly outcome: "open" | "failed" | "fatal";
    readonly closed: boolean;
  }
  | {
    readonly kind: "lost";
    readonly pick: number;
    readonly isRetryable: boolean;
    readonly isClean: boolean;
  }
  | { readonly kind: "hookDone"; readonly pick: number; readonly well: boolean }
  | { readonly kind: "spoiled" | "silent"; readonly pick: number }
  | { readonly kind: "closed"; readonly pick: number }
  | { readonly kind: "abort" | "endWarm"; readonly pick: number }
  | {
    readonly kind: "warm";
    readonly key: number;
    readonly count: number;
    readonly timeout: number;
  }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "close"; readonly drainTimeout: number }
  | { readonly kind: "stamp" | "lingerEnded" | "clear" };

export type CommandOf<Kind extends TwinCommand["kind"]> = Extract<
  TwinCommand,
  { readonly kind: Kind }
>;

/** One run of two cores. */
export interface TwinScenario {
  readonly limits: Limits;
  readonly keys: readonly string[];
  /** Whether who joined is given its times right away, or only when time passes. */
  readonly isPrompt: boolean;
  readonly commands: readonly TwinCommand[];
}

const pick = fc.nat({ max: 7 });
/** The first key is the busy one. */
const key = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.nat({ max: 3 }) },
);
/** Who waits without end shares a cohort with others of that kind. */
const timeout = fc.constantFrom(20, 60, 200, 1_000, Infinity);

const commands = {
  acquire: fc.record({
    kind: fc.constant("acquire"),
    key,
    fresh: fc.constant(false),
    timeout,
  }),
  acquirePatiently: fc.record({
    kind: fc.constant("acquire"),
    key,
    fresh: fc.constant(false),
    timeout: fc.constant(Infinity),
  }),
  acquireFresh: fc.record({
    kind: fc.constant("acquire"),
    key,
    fresh: fc.constant(true),
    timeout,
  }),
  reuse: fc.record({
    kind: fc.constant("release"),
    pick,
    fate: fc.constant("reuse"),
  }),
  release: fc.record({
    kind: fc.constant("release"),
    pick,
    fate: fc.constantFrom("reset" as const, "discard"),
  }),
  opened: fc.record({
    kind: fc.constant("dialEnds"),
    pick,
    isBegun: fc.boolean(),
    outcome: fc.constant("open"),
    closed: fc.constant(false),
  }),
  dialFailed: fc.record({
    kind: fc.constant("dialEnds"),
    pick,
    isBegun: fc.boolean(),
    outcome: fc.constantFrom("failed" as const, "failed", "fatal"),
    closed: fc.boolean(),
  }),
  lost: fc.record({
    kind: fc.constant("lost"),
    pick,
    isRetryable: fc.boolean(),
    isClean: fc.boolean(),
  }),
  trouble: fc.record({ kind: fc.constantFrom("spoiled", "silent"), pick }),
  closed: fc.record({ kind: fc.constant("closed"), pick }),
  hookDone: fc.record({
    kind: fc.constant("hookDone"),
    pick,
    well: fc.boolean(),
  }),
  abort: fc.record({ kind: fc.constant("abort"), pick }),
  warm: fc.record({
    kind: fc.constant("warm"),
    key,
    count: fc.constantFrom(1, 2, 4),
    timeout: fc.constantFrom(20, 100, Infinity),
  }),
  endWarm: fc.record({ kind: fc.constant("endWarm"), pick }),
  wait: fc.record({
    kind: fc.constant("wait"),
    ms: fc.constantFrom(1, 1, 5, 5, 15, 40, 120),
  }),
  seldom: fc.record({
    kind: fc.constantFrom("stamp", "lingerEnded", "lingerEnded", "clear"),
  }),
  close: fc.record({
    kind: fc.constant("close"),
    drainTimeout: fc.constantFrom(0, 50),
  }),
} satisfies Record<string, fc.Arbitrary<TwinCommand>>;

type Weights = Readonly<Partial<Record<keyof typeof commands, number>>>;

/** What each run has of everything; the profiles add to it, and replace. */
const COMMON: Weights = {
  acquire: 34,
  reuse: 19,
  release: 3,
  opened: 13,
  closed: 6,
  hookDone: 3,
  abort: 3,
  wait: 8,
  seldom: 2,
};

const PROFILES: readonly Weights[] = [
  // Nothing goes wrong: who is in the queue comes and goes by shortcuts.
  COMMON,
  // Cohorts of several.
  { ...COMMON, acquire: 0, acquirePatiently: 34 },
  // Now and then something is special.
  { ...COMMON, dialFailed: 1, lost: 1, trouble: 1, warm: 2, endWarm: 1 },
  // Much fails.
  { ...COMMON, dialFailed: 5, lost: 6, trouble: 3, close: 1 },
  // Those that take not just any connection.
  { ...COMMON, acquireFresh: 5, warm: 4, endWarm: 1, close: 1 },
];

function sequenceOf(weights: Weights): fc.Arbitrary<TwinCommand[]> {
  const choices = Object.entries(commands).map(([name, arbitrary]) => ({
    // A name that a profile does not know never comes.
    weight: new Map(Object.entries(weights)).get(name) ?? 0,
    arbitrary,
  }));
  return fc.array<TwinCommand>(
    fc.oneof(...choices.filter(({ weight }) => weight > 0)),
    { maxLength: 240, size: "max" },
  );
}

const limits: fc.Arbitrary<Limits> = fc.record({
  maxConnections: fc.constantFrom(1, 1, 2, 2, 3, 4, 5),
  maxConnectionsPerKey: fc.constantFrom(1, 2, 3, Infinity, Infinity),
  maxConnecting: fc.constantFrom(1, 2, 3, 5),
  maxWaiting: fc.constantFrom(Infinity, Infinity, Infinity, 2),
  maxIdleTime: fc.constantFrom(60, 400, Infinity, Infinity),
  maxLifetime: fc.constantFrom(150, Infinity, Infinity),
  healthCheckInterval: fc.constantFrom(50, Infinity, Infinity),
  healthCheckTimeout: fc.constant(20),
  maxProbing: fc.constant(2),
  connectTimeout: fc.constantFrom(30, 300),
  resetTimeout: fc.constant(25),
  closeTimeout: fc.constantFrom(0, 25, 200),
  leakThreshold: fc.constantFrom(40, Infinity, Infinity, Infinity),
  backoff: fc.record({
    minDelay: fc.constantFrom(10, 40),
    maxDelay: fc.constant(100),
    multiplier: fc.constant(2),
    jitter: fc.constant(0),
    resetAfter: fc.constantFrom(20, 50, 500),
  }),
  maxReconnectAttempts: fc.constantFrom(0, 0, 1, 3, Infinity),
  connectRate: fc.constantFrom(
    undefined,
    undefined,
    { limit: 1, interval: 50 },
    { limit: 3, interval: 100 },
  ),
});

export const twinScenarios: fc.Arbitrary<TwinScenario> = fc.record({
  limits,
  keys: fc.constantFrom(["a"], ["a", "b"], ["a", "b"], ["a", "b", "c", "d"]),
  isPrompt: fc.boolean(),
  commands: fc.oneof(...PROFILES.map(sequenceOf)),
});
