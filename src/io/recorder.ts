import type { Ledger } from "../core/ledger.ts";
import type { Payload } from "../core/slot.ts";
import { Histogram, type PoolStats } from "../stats.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { Target } from "./target.ts";
import { Traffic } from "./traffic.ts";

/** What is measured outside the core, and the snapshot of everything. */
export class Recorder {
  readonly traffic: Traffic = new Traffic();
  readonly acquireWait: Histogram = new Histogram();
  readonly connectTime: Histogram = new Histogram();
  readonly #ledger: Ledger<Payload & { target: Target }>;
  #snapshot: PoolStats | undefined;

  constructor(ledger: Ledger<Payload & { target: Target }>) {
    this.#ledger = ledger;
  }

  /** One snapshot serves all errors of an input: a hundred thousand waiters can time out at once. */
  snapshot(): PoolStats {
    return this.#snapshot ??= takeSnapshot(
      this.#ledger,
      this.traffic,
      this.acquireWait,
      this.connectTime,
    );
  }

  forgetSnapshot(): void {
    this.#snapshot = undefined;
  }
}
