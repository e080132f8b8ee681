import { assertEquals, assertMatch } from "@std/assert";
import type { Case, Goal } from "./case.ts";
import { reportCase } from "./report.ts";
import type { CaseResult } from "./results.ts";
import { judge } from "./verdicts.ts";

function caseWith(...goals: Goal[]): Case {
  return {
    name: "now",
    title: "a case",
    unit: "ns",
    reference: "ideal",
    contestants: {},
    goals,
  };
}

function resultOf(
  name: string,
  figures: CaseResult["figures"],
  runtime: CaseResult["runtime"] = "deno",
): CaseResult {
  const { title, unit, reference } = caseWith();
  return { runtime, case: name, title, unit, reference, figures };
}

const now = resultOf("now", {
  "ideal": [[100, 100, 300], [100], [200]],
  "pool": [[110, 120, 390], [130], [260]],
  "ideal (again)": [[101, 101, 303], [98], [210]],
});
const then = resultOf("then", {
  ideal: [[50], [50], [50]],
  pool: [[60], [60], [60]],
});
const all = [now, then, resultOf("then", { ideal: [[1]], pool: [[1]] }, "bun")];

/** The median that was judged, and how. */
function outcomeOf(goal: Goal, result = now): [number, boolean][] {
  return judge(caseWith(goal), result, all)
    .map(({ value, isMet }) => [Number(value.median.toFixed(3)), isMet]);
}

const pair = { of: "pool", against: "ideal" } as const;

Deno.test("bench: a goal of cost is met up to its bound", () => {
  assertEquals(outcomeOf({ kind: "cost", ...pair, most: 1.3 }), [[1.3, true]]);
  assertEquals(outcomeOf({ kind: "cost", ...pair, most: 1.2 }), [[1.3, false]]);
});

Deno.test("bench: a goal of speed is met from its bound on", () => {
  const goal: Goal = { kind: "speed", ...pair, least: 0.76 };
  assertEquals(outcomeOf(goal), [[0.769, true]]);
  assertEquals(outcomeOf({ ...goal, least: 0.8 }), [[0.769, false]]);
  // The control says that 2 % are nothing; 23 % are something.
  assertEquals(outcomeOf({ ...goal, least: 0.8, orNoise: true }), [[
    0.769,
    false,
  ]]);
});

Deno.test("bench: within the control is no difference", () => {
  const same = resultOf("now", { ...now.figures, pool: [[102], [102], [205]] });
  const noise: Goal = { kind: "noise", ...pair };
  assertEquals(outcomeOf(noise, same), [[1.02, true]]);
  assertEquals(outcomeOf(noise), [[1.3, false]]);
  const speed: Goal = { kind: "speed", ...pair, least: 1, orNoise: true };
  assertEquals(outcomeOf(speed, same), [[0.98, true]]);
});

Deno.test("bench: figures and surpluses have bounds of their own", () => {
  const figure: Goal = { kind: "figure", of: "pool", most: 130 };
  assertEquals(outcomeOf(figure), [[130, true]]);
  assertEquals(outcomeOf({ ...figure, most: 129 }), [[130, false]]);
  const surplus: Goal = { kind: "surplus", ...pair, most: 30 };
  assertEquals(outcomeOf(surplus), [[30, true]]);
  assertEquals(outcomeOf({ ...surplus, most: 29 }), [[30, false]]);
});

Deno.test("bench: growth is against the case before, on the same runtime", () => {
  const flat: Goal = { kind: "flat", of: "pool", since: "then", most: 2.2 };
  assertEquals(outcomeOf(flat), [[2.167, true]]);
  assertEquals(outcomeOf({ ...flat, most: 2.1 }), [[2.167, false]]);
  // 2, 2.167 and 4.333 times as much, where the ideal has 2, 2 and 4.
  const growth: Goal = { kind: "growth", ...pair, since: "then", most: 1.1 };
  assertEquals(outcomeOf(growth), [[1.083, true]]);
  assertEquals(outcomeOf({ ...growth, most: 1 }), [[1.083, false]]);
});

Deno.test("bench: growth is of medians: rounds of two cases are no pairs, and may differ in number", () => {
  const before = resultOf("then", {
    pool: [[30], [60], [60], [60], [90]],
    ideal: [[50], [50], [50], [50], [50]],
  });
  const valueOf = (goal: Goal) =>
    judge(caseWith(goal), now, [now, before]).map(({ value }) =>
      Object.values(value).map((each) => Number(each.toFixed(3)))
    );
  // 120, 130 and 260 now.
  const flat: Goal = { kind: "flat", of: "pool", since: "then", most: 2.2 };
  assertEquals(valueOf(flat), [[2.167, 1.333, 8.667]]);
  // 1.2, 1.3 and 1.3 times the ideal now; 0.6 to 1.8 times before.
  const growth: Goal = { kind: "growth", ...pair, since: "then", most: 1.1 };
  assertEquals(valueOf(growth), [[1.083, 0.667, 2.167]]);
});

Deno.test("bench: a goal that these results cannot tell is left out", () => {
  const others = { deno: 1 };
  const elsewhere = { ...now, runtime: "bun" as const };
  const cost: Goal = { kind: "cost", ...pair, most: others };
  assertEquals(outcomeOf(cost).length, 1);
  assertEquals(outcomeOf(cost, elsewhere), []);
  assertEquals(outcomeOf({ ...cost, against: "nobody" }), []);
  const since: Goal = { kind: "flat", of: "pool", since: "never", most: 1 };
  assertEquals(outcomeOf(since), []);
});

Deno.test("bench: the report has every contestant, its ratio and the verdicts", () => {
  const text = reportCase(
    caseWith({ kind: "cost", ...pair, most: 1.2 }),
    now,
    all,
  );
  assertMatch(text, /pool +130 ns +\[120\.\.260\] +1\.30 \[1\.20\.\.1\.30\]/);
  assertMatch(text, /ideal \(again\) +101 ns/);
  assertMatch(text, /MISSED pool \/ ideal, cost: 1\.30 .*, goal <= 1\.2/);
});
