import type { Case, Unit } from "./case.ts";
import { type CaseResult, isLibrary, twinOf } from "./results.ts";
import {
  type Figures,
  mediansOf,
  type Spread,
  spreadOf,
} from "./statistics.ts";
import { costRatio, judge, speedRatio, type Verdict } from "./verdicts.ts";

/** How figures of about this size are written. */
interface Scale {
  readonly divisor: number;
  readonly name: string;
}

const COUNTS: readonly Scale[] = [
  { divisor: 1e6, name: "M/s" },
  { divisor: 1e3, name: "k/s" },
  { divisor: 1, name: "/s" },
];
const TIMES: readonly Scale[] = [
  { divisor: 1e6, name: "ms" },
  { divisor: 1e4, name: "us" },
  { divisor: 1, name: "ns" },
];

/** A median and how far the rounds lie apart, as their unit is read. */
export function showSpread(
  figures: Figures,
  unit: Unit,
): { median: string; range: string } {
  const values = mediansOf(figures);
  const read = unit === "per second"
    ? values.map((value) => 1e9 / value)
    : values;
  const { median, min, max } = spreadOf(read);
  const { divisor, name } = scaleOf(median, unit);
  const write = (value: number) => digits(value / divisor);
  return {
    median: `${write(median)} ${name}`.trimEnd(),
    range: `[${write(min)}..${write(max)}]`,
  };
}

function scaleOf(value: number, unit: Unit): Scale {
  const scales = unit === "per second" ? COUNTS : unit === "ns" ? TIMES : [];
  const scale = scales.find(({ divisor }) => value >= divisor);
  if (scale === undefined) return { divisor: 1, name: "" };
  // From 10 us on: below, nanoseconds are read more easily.
  return scale.name === "us" ? { divisor: 1e3, name: "us" } : scale;
}

/** Three digits that mean something. */
function digits(value: number): string {
  if (value >= 100 || value === 0) {
    return Math.round(value).toLocaleString("en");
  }
  return value.toPrecision(3);
}

export function showRatio({ median, min, max }: Spread): string {
  const places = median >= 10 ? 1 : median >= 0.1 ? 2 : 3;
  const range = `${min.toFixed(places)}..${max.toFixed(places)}`;
  return `${median.toFixed(places)} [${range}]`;
}

/** Everything about one case on one runtime, as lines of text. */
export function reportCase(
  one: Case,
  result: CaseResult,
  all: readonly CaseResult[],
): string {
  const { figures, reference, unit, runtime } = result;
  const isSpeed = unit === "per second";
  const ratio = isSpeed ? speedRatio : costRatio;
  const header = [
    "",
    "median",
    "[min..max]",
    `${isSpeed ? "speed" : "cost"} / ${reference}`,
  ];
  const rows = Object.entries(figures).map(([name, values]) => {
    const { median, range } = showSpread(values, unit);
    return [
      name,
      median,
      range,
      name === reference ? "" : showRatio(ratio(values, figures[reference]!)),
      ...compareTwins(name, values, figures, ratio),
    ];
  });
  const verdicts = judge(one, result, all).map(showVerdict);
  return [
    `\n${one.name} on ${runtime}: ${one.title}`,
    ...align([header, ...rows]),
    ...verdicts,
  ].join("\n");
}

function compareTwins(
  name: string,
  values: Figures,
  figures: CaseResult["figures"],
  ratio: typeof speedRatio,
): string[] {
  const twin = figures[twinOf(name)];
  if (!isLibrary(name) || twin === undefined) return [];
  return [`${showRatio(ratio(values, twin))} / POOL_MODULE`];
}

/** What was measured, in words. */
export function showValue({ value, unit }: Verdict): string {
  if (unit === "ratio") return showRatio(value);
  const [median, min, max] = [value.median, value.min, value.max].map(
    Math.round,
  );
  return `${median} [${min}..${max}]`;
}

function showVerdict(verdict: Verdict): string {
  const { what, bound, isMet } = verdict;
  const outcome = isMet ? "met   " : "MISSED";
  return `  ${outcome} ${what}: ${showValue(verdict)}, goal ${bound}`;
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    "  " +
    row.map((cell, column) =>
      column === 0
        ? cell.padEnd(widths[column] ?? 0)
        : cell.padStart(widths[column] ?? 0)
    ).join("  ")
  );
}
