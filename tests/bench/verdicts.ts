import type { Bounds, Case, Goal, Runtime } from "./case.ts";
import { type CaseResult, controlOf } from "./results.ts";
import {
  type Figures,
  mediansOf,
  paired,
  type Spread,
  spreadOf,
} from "./statistics.ts";

/** How a goal came out on one runtime. */
export interface Verdict {
  /** What was compared, in words. */
  readonly what: string;
  readonly value: Spread;
  /** The bound, in words. */
  readonly bound: string;
  readonly isMet: boolean;
  readonly unit: "ratio" | "figure";
}

/** Speed over the reference: its cost over ours. */
export function speedRatio(own: Figures, reference: Figures): Spread {
  return spreadOf(paired(reference, own, divide));
}

export function costRatio(own: Figures, reference: Figures): Spread {
  return spreadOf(paired(own, reference, divide));
}

function divide(left: number, right: number): number {
  return left / right;
}

/** Of figures taken at different times: no round of the one is a pair with one of the other. */
function growth(now: readonly number[], then: readonly number[]): Spread {
  const [later, earlier] = [spreadOf(now), spreadOf(then)];
  return {
    median: later.median / earlier.median,
    min: later.min / earlier.max,
    max: later.max / earlier.min,
  };
}

/** The reference against itself: differences within this are none. */
export function control(result: CaseResult): Spread {
  const { figures, reference } = result;
  return costRatio(
    figures[controlOf(reference)] ?? [],
    figures[reference] ?? [],
  );
}

/** The goals of a case that this runtime has and these results can tell. */
export function judge(
  { goals }: Case,
  result: CaseResult,
  all: readonly CaseResult[],
): Verdict[] {
  return goals.flatMap((goal) => judgeOne(goal, result, all) ?? []);
}

function judgeOne(
  goal: Goal,
  result: CaseResult,
  all: readonly CaseResult[],
): Verdict | undefined {
  const { runtime, figures } = result;
  const own = figures[goal.of];
  if (own === undefined) return undefined;
  if (goal.kind === "figure") {
    const value = spreadOf(mediansOf(own));
    return atMost(goal.of, value, goal.most, runtime, "figure");
  }
  const before = "since" in goal
    ? all.find((one) => one.case === goal.since && one.runtime === runtime)
      ?.figures
    : undefined;
  if (goal.kind === "flat") {
    const then = before?.[goal.of];
    if (then === undefined) return undefined;
    const value = growth(mediansOf(own), mediansOf(then));
    const name = `${goal.of}, cost since ${goal.since}`;
    return atMost(name, value, goal.most, runtime, "ratio");
  }
  const other = figures[goal.against];
  if (other === undefined) return undefined;
  const what = `${goal.of} / ${goal.against}`;
  switch (goal.kind) {
    case "speed": {
      const verdict = atLeast(
        `${what}, speed`,
        speedRatio(own, other),
        goal.least,
        runtime,
      );
      if (verdict === undefined || !goal.orNoise) return verdict;
      const { min, max } = control(result);
      const bound = `${verdict.bound} or ${showControl(min, max)}`;
      const isMet = verdict.isMet ||
        verdict.value.median >= Math.min(min, 1 / max);
      return { ...verdict, bound, isMet };
    }
    case "cost":
      return atMost(
        `${what}, cost`,
        costRatio(own, other),
        goal.most,
        runtime,
        "ratio",
      );
    case "surplus": {
      const surplus = spreadOf(paired(own, other, (one, two) => one - two));
      const name = `${goal.of} - ${goal.against}`;
      return atMost(name, surplus, goal.most, runtime, "figure");
    }
    case "noise": {
      const value = costRatio(own, other);
      const { min, max } = control(result);
      return {
        what: `${what}, cost`,
        value,
        bound: showControl(min, max),
        isMet: value.median <= Math.max(max, 1 / min),
        unit: "ratio",
      };
    }
    case "growth": {
      const then = before?.[goal.of];
      const otherThen = before?.[goal.against];
      if (then === undefined || otherThen === undefined) return undefined;
      const value = growth(
        paired(own, other, divide),
        paired(then, otherThen, divide),
      );
      const name = `growth since ${goal.since}, ${what}`;
      return atMost(name, value, goal.most, runtime, "ratio");
    }
  }
}

function showControl(min: number, max: number): string {
  return `A/A control [${min.toFixed(2)}..${max.toFixed(2)}]`;
}

function boundFor(bounds: Bounds, runtime: Runtime): number | undefined {
  return typeof bounds === "number" ? bounds : bounds[runtime];
}

function atLeast(
  what: string,
  value: Spread,
  bounds: Bounds,
  runtime: Runtime,
): Verdict | undefined {
  const bound = boundFor(bounds, runtime);
  if (bound === undefined) return undefined;
  const isMet = value.median >= bound;
  return { what, value, bound: `>= ${bound}`, isMet, unit: "ratio" };
}

function atMost(
  what: string,
  value: Spread,
  bounds: Bounds,
  runtime: Runtime,
  unit: Verdict["unit"],
): Verdict | undefined {
  const bound = boundFor(bounds, runtime);
  if (bound === undefined) return undefined;
  const isMet = value.median <= bound;
  return { what, value, bound: `<= ${bound}`, isMet, unit };
}
