/**
 * Whether the runtimes agree, and the table that says so.
 *
 * @module
 */

import type { Absence, CaseResult, Report } from "./result.ts";

type Outcome = CaseResult["outcome"];

function count({ cases, examples }: Report, outcome: Outcome): number {
  return [...cases, ...examples].filter((result) => result.outcome === outcome)
    .length;
}

/** One line for each runtime. */
export function table(
  reports: readonly Report[],
  absences: readonly Absence[],
): string {
  const rows = [
    ["runtime", "version", "passed", "failed", "skipped", "time"],
    ...reports.map((report) => [
      report.title,
      report.version,
      `${count(report, "passed")}`,
      `${count(report, "failed")}`,
      `${count(report, "skipped")}`,
      `${report.seconds.toFixed(1)} s`,
    ]),
  ];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column < 2
        ? cell.padEnd(widths[column] ?? 0)
        : cell.padStart(widths[column] ?? 0)
    ).join("  ")
  );
  return [
    ...lines,
    ...absences.map(({ title, reason }) => `${title}  NOT RUN: ${reason}`),
  ].join("\n");
}

/**
 * What is wrong with the reports: failures, and cases that some runtimes have
 * and others do not, since a file that was not loaded fails nowhere.
 */
export function complaints(reports: readonly Report[]): string[] {
  const failures = reports.flatMap((report) =>
    [...report.cases, ...report.examples]
      .filter(({ outcome }) => outcome === "failed")
      .map(({ title, failure = "" }) =>
        `${report.title}: ${title}\n${failure}`.trimEnd()
      )
  );
  const all = new Set(
    reports.flatMap(({ cases }) => cases.map(({ title }) => title)),
  );
  const missing = reports.flatMap((report) => {
    const titles = new Set(report.cases.map(({ title }) => title));
    return [...all].filter((title) => !titles.has(title))
      .map((title) => `${report.title}: ${title}\nit did not run`);
  });
  const twice = reports.flatMap(({ title, cases }) =>
    cases.filter((one, index) =>
      cases.findIndex((other) => other.title === one.title) < index
    ).map((one) => `${title}: ${one.title}\nthere are two of that title`)
  );
  const empty = reports.filter(({ cases }) =>
    !cases.some(({ outcome }) => outcome === "passed")
  ).map(({ title }) => `${title}: nothing passed`);
  return [...failures, ...missing, ...twice, ...empty];
}

/** `470 passed, 0 failed, 17 skipped`, over all of them. */
export function total(reports: readonly Report[]): string {
  const sum = (outcome: Outcome) =>
    reports.reduce((total, report) => total + count(report, outcome), 0);
  return `${sum("passed")} passed, ${sum("failed")} failed, ${
    sum("skipped")
  } skipped`;
}
