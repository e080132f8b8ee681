import { type Case, type Runtime, runtimes } from "./case.ts";
import { showSpread, showValue } from "./report.ts";
import {
  type CaseResult,
  controlOf,
  type Origin,
  type Results,
} from "./results.ts";
import { control, judge, type Verdict } from "./verdicts.ts";

const BEGIN = "<!-- bench: begin, written by `deno task bench --readme` -->";
const END = "<!-- bench: end -->";

const TITLES: Readonly<Record<Runtime, string>> = {
  deno: "Deno",
  node: "Node",
  bun: "Bun",
};

/**
 * Puts the block between its two marks in the place of what is there.
 *
 * @throws {Error} If there are no marks
 */
export function replaceBlock(text: string, block: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`No ${BEGIN} … ${END}`);
  const before = text.slice(0, begin + BEGIN.length);
  return `${before}\n\n${block}\n\n${text.slice(end)}`;
}

/** What a user of the library wants to know of a run, as Markdown. */
export function toSummary(results: Results, suite: readonly Case[]): string {
  const present = presentIn(results);
  return [
    provenance(results, present),
    comparisons(results, suite, present, showValue),
  ].join("\n\n");
}

/** Everything that came out of a run, and what was aimed at. */
export function toFigures(results: Results, suite: readonly Case[]): string {
  const present = presentIn(results);
  return [
    "# What was measured",
    "Written by `deno task bench --readme`; how it is measured stands in " +
    "[README.md](../../README.md#performance). Goals are those that the " +
    "design of the library set out with.",
    provenance(results, present),
    "## Against the goals",
    comparisons(results, suite, present, showOutcome),
    "## All figures",
    figures(results, suite, present),
    "",
  ].join("\n\n");
}

/** What each function takes, by what the profile is about. */
export function toProfiles(
  origin: Origin,
  printed: ReadonlyMap<string, string>,
): string {
  const present = runtimes.filter((runtime) => runtime in origin.versions);
  return [
    "# Where the time goes",
    "Written by `deno task bench --profile --readme`: each function's own " +
    "share, without those below a hundredth. What is inlined counts for " +
    "itself; what is the engine's own, promises above all, for its caller. The name " +
    "is followed by the file: `pool.js` is the library, `contestant.js` the " +
    "benchmark and what it compares the library with.",
    `${showOrigin(origin, present)}.`,
    ...[...printed].map(([title, text]) =>
      `## ${title}\n\n\`\`\`text\n${text.trim()}\n\`\`\``
    ),
    "",
  ].join("\n\n");
}

function presentIn({ cases }: Results): Runtime[] {
  return runtimes.filter((runtime) =>
    cases.some((one) => one.runtime === runtime)
  );
}

function provenance(results: Results, present: readonly Runtime[]): string {
  const { cases, clock } = results;
  const time = clock === "wall"
    ? ""
    : " CPU time of the process, not wall time.";
  return `${showOrigin(results, present)}. ` +
    `Medians of ${processesOf(cases)} processes each, lowest and highest in ` +
    "brackets." +
    // As `joinResults` has it.
    (results.command.includes("; ")
      ? " Of a case that several commands measured, the last counts."
      : "") +
    time;
}

/** How many processes each contestant of some cases had. */
function processesOf(cases: readonly CaseResult[]): string {
  const counts = cases.flatMap(({ figures }) =>
    Object.values(figures).map(({ length }) => length)
  );
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

function showOrigin(
  { command, date, machine, versions }: Origin,
  present: readonly Runtime[],
): string {
  const engines = present.map((runtime) =>
    `${TITLES[runtime]} ${versions[runtime] ?? ""}`.trim()
  );
  // Those of several runs are one to a line.
  const commands = command.replaceAll("; ", "\n");
  return `\`\`\`sh\n${commands}\n\`\`\`\n\n` +
    `On ${date}: ${engines.join(", ")}; ${machine}`;
}

/** A row for each comparison that has a goal, whatever came out. */
function comparisons(
  { cases }: Results,
  suite: readonly Case[],
  present: readonly Runtime[],
  show: (verdict: Verdict) => string,
): string {
  const rows = suite.flatMap((one) => {
    const verdicts = new Map<string, Map<Runtime, Verdict>>();
    for (const runtime of present) {
      const result = resultOf(cases, one, runtime);
      if (result === undefined) continue;
      for (const verdict of judge(one, result, cases)) {
        const byRuntime = verdicts.get(verdict.what) ?? new Map();
        verdicts.set(verdict.what, byRuntime.set(runtime, verdict));
      }
    }
    return [...verdicts].map(([what, byRuntime]) => [
      one.title,
      what,
      ...present.map((runtime) => {
        const verdict = byRuntime.get(runtime);
        return verdict === undefined ? "" : show(verdict);
      }),
    ]);
  });
  return table(
    ["what", "compared", ...present.map((runtime) => TITLES[runtime])],
    rows,
  );
}

function showOutcome(verdict: Verdict): string {
  const { bound, isMet } = verdict;
  return `${showValue(verdict)}; goal ${bound}: ${isMet ? "met" : "missed"}`;
}

function figures(
  { cases }: Results,
  suite: readonly Case[],
  present: readonly Runtime[],
): string {
  return suite.flatMap((one) => {
    const found = present.flatMap((runtime) =>
      resultOf(cases, one, runtime) ?? []
    );
    const [first] = found;
    if (first === undefined) return [];
    const names = new Set(found.flatMap(({ figures }) => Object.keys(figures)));
    names.delete(controlOf(one.reference));
    const rows = [...names].map((name) => [
      name,
      ...found.map((result) => figureCell(result, name)),
    ]);
    const controls = found.map((result) => {
      const { median, min, max } = control(result);
      const [middle, low, high] = [median, min, max].map((value) =>
        value.toFixed(2)
      );
      return `${middle} [${low}..${high}]`;
    });
    return [
      `\`${one.name}\`: ${one.title}; medians of ${processesOf(found)}`,
      table(
        ["", ...found.map(({ runtime }) => TITLES[runtime])],
        [...rows, [`A/A control: ${one.reference}`, ...controls]],
      ),
    ];
  }).join("\n\n");
}

function figureCell({ figures, unit }: CaseResult, name: string): string {
  const values = figures[name];
  if (values === undefined) return "";
  const { median, range } = showSpread(values, unit);
  return `${median} ${range}`;
}

function resultOf(
  cases: readonly CaseResult[],
  { name }: Case,
  runtime: Runtime,
): CaseResult | undefined {
  return cases.find((one) => one.case === name && one.runtime === runtime);
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}
