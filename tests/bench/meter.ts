import process from "node:process";
import { median } from "./statistics.ts";

/** Which time is measured. */
export type ClockName = "wall" | "cpu";

/** In ms. */
const clocks: Readonly<Record<ClockName, () => number>> = {
  wall: () => performance.now(),
  // Threads of the collector and the compiler count too.
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e3;
  },
};

/** How much a process does. */
export interface Effort {
  /** A run is this long at least, in ms. */
  readonly run: number;
  /** Runs come before the first that counts for this long, in ms. */
  readonly warmUp: number;
  /** Runs that count. */
  readonly samples: number;
  /** No further run is begun after this, in ms. */
  readonly limit: number;
  /** Sizes (waiters, messages, connections) are cut to this. */
  readonly most: number;
}

export const FULL: Effort = {
  run: 50,
  // V8 goes on compiling for about a second.
  warmUp: 1_000,
  samples: 5,
  limit: 5_000,
  most: Infinity,
};

/** Everything once, in small: does it work at all? */
export const TINY: Effort = {
  run: 0,
  warmUp: 0,
  samples: 1,
  limit: 0,
  most: 12,
};

/** Performs `count` operations, or rounds of many. */
type Work = (count: number) => void | Promise<void>;

/** Takes the figures of one process. */
export class Meter {
  readonly effort: Effort;
  /** Time in ms, to be subtracted. */
  readonly now: () => number;

  constructor(effort: Effort, clock: ClockName) {
    this.effort = effort;
    this.now = clocks[clock];
  }

  /** A number of waiters, messages, connections as this effort can bear it. */
  size(wanted: number): number {
    return Math.min(wanted, this.effort.most);
  }

  /**
   * The median time of one operation, in ns. The number of rounds is raised
   * until a run is long enough to be measured.
   *
   * @param work What is measured
   * @param operations How many of them are one round
   */
  async time(work: Work, operations = 1): Promise<number> {
    const { run, warmUp, samples, limit } = this.effort;
    const began = performance.now();
    let rounds = 1;
    let took = await this.#run(work, rounds);
    while (took < run || performance.now() - began < warmUp) {
      if (took < run) rounds *= 2;
      took = await this.#run(work, rounds);
    }
    const figures = warmUp === 0 ? [took] : [];
    while (
      figures.length === 0 ||
      figures.length < samples && performance.now() - began < limit
    ) figures.push(await this.#run(work, rounds));
    return median(figures) * 1e6 / rounds / operations;
  }

  /** The median of figures that the work takes itself. */
  async median(work: () => Promise<number>): Promise<number> {
    const { warmUp, samples, limit } = this.effort;
    const began = performance.now();
    const figures: number[] = [];
    while (performance.now() - began < warmUp) await work();
    do figures.push(await work()); while (
      figures.length < samples && performance.now() - began < limit
    );
    return median(figures);
  }

  async #run(work: Work, count: number): Promise<number> {
    const began = this.now();
    await work(count);
    return this.now() - began;
  }
}
