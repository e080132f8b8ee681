import process from "node:process";
import type { Runs } from "./statistics.ts";
import type { Turns } from "./turns.ts";

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
  /** A run has exactly so many operations, where that is given. */
  readonly operations?: number;
  /** A run is this long at least, in ms. */
  readonly run: number;
  /** Runs come before the first that counts for this long, in ms. */
  readonly warmUp: number;
  /** Runs that count. */
  readonly samples: number;
  /** No further run is begun once runs that count took that long together, in ms. */
  readonly limit: number;
  /** Sizes (waiters, messages, connections) are cut to this. */
  readonly most: number;
}

export const FULL: Effort = {
  run: 20,
  // V8 goes on compiling for about a second.
  warmUp: 1_000,
  samples: 11,
  limit: 3_000,
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

/** Of each run where instructions are counted. */
export const COUNTED_OPERATIONS = 100_000;

/** So many runs, whatever time they take. */
export function counted(samples: number): Effort {
  return {
    operations: COUNTED_OPERATIONS,
    run: 0,
    warmUp: 0,
    samples,
    limit: Infinity,
    most: Infinity,
  };
}

/** Performs `count` operations, or rounds of many. */
type Work = (count: number) => void | Promise<void>;

/** Takes the figures of one process. */
export class Meter {
  readonly effort: Effort;
  /** Time in ms, to be subtracted. */
  readonly now: () => number;
  readonly #turns: Turns;

  constructor(effort: Effort, clock: ClockName, turns: Turns) {
    this.effort = effort;
    this.now = clocks[clock];
    this.#turns = turns;
  }

  /** A number of waiters, messages, connections as this effort can bear it. */
  size(wanted: number): number {
    return Math.min(wanted, this.effort.most);
  }

  /**
   * The time of one operation, in ns, in each of many runs. The number of
   * rounds is raised until a run is long enough to be measured.
   *
   * @param work What is measured
   * @param operations How many of them are one round
   * @param warmUpRuns How many runs come before the first that counts, at
   * least, where runs warm up at all: for work so slow that the time alone does
   * not make it warm
   */
  async time(work: Work, operations = 1, warmUpRuns = 1): Promise<Runs> {
    const { run: least, warmUp, operations: exactly = operations } =
      this.effort;
    let rounds = exactly / operations;
    if (!Number.isInteger(rounds)) {
      throw new RangeError(`${exactly} is no multiple of ${operations}`);
    }
    const run = async () => {
      const began = this.now();
      await work(rounds);
      return this.now() - began;
    };
    const began = performance.now();
    let took = await run();
    for (
      let taken = 1;
      took < least || performance.now() - began < warmUp ||
      taken < warmUpRuns && warmUp > 0;
      taken++
    ) {
      if (took < least) rounds *= 2;
      took = await run();
    }
    const runs = await this.#measure(run);
    return runs.map((time) => time * 1e6 / rounds / operations);
  }

  /** Figures that the work takes itself. */
  async repeat(work: () => Promise<number>): Promise<Runs> {
    const { warmUp, operations } = this.effort;
    if (operations !== undefined) {
      throw new TypeError("How many operations this is the work alone knows");
    }
    const began = performance.now();
    while (performance.now() - began < warmUp) await work();
    return await this.#measure(work);
  }

  /** Runs that count, each in a turn of its own. */
  async #measure(run: () => Promise<number>): Promise<Runs> {
    const { samples, limit } = this.effort;
    const runs: number[] = [];
    let spent = 0;
    do {
      await this.#turns.next();
      const began = performance.now();
      runs.push(await run());
      spent += performance.now() - began;
    } while (runs.length < samples && spent < limit);
    return runs;
  }
}
