import type { Runtime, Unit } from "./case.ts";
import type { ClockName } from "./meter.ts";
import type { Figures } from "./statistics.ts";

/** What came out of one case on one runtime. */
export interface CaseResult {
  readonly runtime: Runtime;
  readonly case: string;
  readonly title: string;
  readonly unit: Unit;
  readonly reference: string;
  /** By contestant, the control among them. */
  readonly figures: Readonly<Record<string, Figures>>;
}

/** Where a run's figures are from. */
export interface Origin {
  readonly command: string;
  /** As `2026-01-31`. */
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Partial<Record<Runtime, string>>>;
}

/** What came out of a run, as `bench.json` holds it. */
export interface Results extends Origin {
  readonly clock: ClockName;
  readonly cases: readonly CaseResult[];
}

/** The second run of the reference, with which the first is compared. */
export function controlOf(reference: string): string {
  return `${reference} (again)`;
}

/** The same contestant over the library that POOL_MODULE names. */
export function twinOf(contestant: string): string {
  return `${contestant} (POOL_MODULE)`;
}

/** Contestants that are the library under test. */
export function isLibrary(contestant: string): boolean {
  return contestant.split(":")[0] === "pool";
}

/**
 * Several runs as one: of a case that several have, the last counts.
 *
 * @throws {Error} If they were not taken alike
 */
export function joinResults(runs: readonly Results[]): Results {
  const [first] = runs;
  if (first === undefined) throw new Error("No results");
  const cases = new Map<string, CaseResult>();
  for (const { machine, clock, ...run } of runs) {
    if (machine !== first.machine || clock !== first.clock) {
      throw new Error("Runs differ in machine or clock");
    }
    for (const one of run.cases) cases.set(`${one.runtime} ${one.case}`, one);
  }
  return {
    ...first,
    command: [...new Set(runs.map(({ command }) => command))].join("; "),
    date: runs.at(-1)?.date ?? first.date,
    versions: Object.assign({}, ...runs.map(({ versions }) => versions)),
    cases: [...cases.values()],
  };
}
