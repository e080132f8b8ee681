import type { Bounds, Case, Goal, Runtime } from "./case.ts";
import { type CaseResult, controlOf, type Figures } from "./results.ts";
import { paired, type Spread, spreadOf } from "./statistics.ts";

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

/** Speed over the reference: its cost over ours, round by round. */
export function speedRatio(own: Figures, reference: Figures): Spread {
  return spreadOf(paired(reference, own, (left, right) => left / right));
}

export function costRatio(own: Figures, reference: Figures): Spread {
  return spreadOf(paired(own, reference, (left, right) => left / right));
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
    return atMost(`${goal.of}`, spreadOf(own), goal.most, runtime, "figure");
  }
  const growth = (name: string, since: string): Figures | undefined => {
    const now = figures[name];
    const then = all.find((one) =>
      one.case === since && one.runtime === runtime
    )?.figures[name];
    if (now === undefined || then === undefined) return undefined;
    return paired(now, then, (one, two) => one / two);
  };
  if (goal.kind === "flat") {
    const grown = growth(goal.of, goal.since);
    if (grown === undefined) return undefined;
    const name = `${goal.of}, cost since ${goal.since}`;
    return atMost(name, spreadOf(grown), goal.most, runtime, "ratio");
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
      const grown = growth(goal.of, goal.since);
      const otherGrown = growth(goal.against, goal.since);
      if (grown === undefined || otherGrown === undefined) return undefined;
      const value = costRatio(grown, otherGrown);
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
