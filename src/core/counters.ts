import type { RetireReason } from "./actions.ts";

/** Monotonic totals of the core. */
export class Counters {
  opened = 0;
  acquired = 0;
  /** Those of them that were the first lease of their connections. */
  acquiredUnused = 0;
  released = 0;
  reconnects = 0;
  exhausted = 0;
  aborted = 0;
  failed = 0;
  closed = 0;
  connectFailures = 0;
  healthCheckFailures = 0;
  readonly retired: Record<RetireReason, number> = {
    idle: 0,
    lifetime: 0,
    probe: 0,
    evicted: 0,
    lost: 0,
    discarded: 0,
    cleared: 0,
    closed: 0,
  };
}
