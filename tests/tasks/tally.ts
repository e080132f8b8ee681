/** How many tests and steps there were, and how they ended. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Reads the totals of a JUnit report.
 *
 * @throws {Error} If it has none, or if no test ran: that is no pass.
 */
export function readTally(report: string): Tally {
  const root = report.match(/<testsuites [^>]*>/)?.[0] ?? "";
  const total = attribute(root, "tests");
  const failed = attribute(root, "failures") + attribute(root, "errors");
  const skipped = [...report.matchAll(/<testsuite [^>]*>/g)]
    .reduce((count, [suite]) => count + attribute(suite, "disabled"), 0);
  if (total === skipped) throw new Error("No test ran");
  return { passed: total - failed - skipped, failed, skipped };
}

function attribute(element: string, name: string): number {
  const digits = element.match(new RegExp(` ${name}="(\\d+)"`))?.[1];
  if (digits === undefined) {
    throw new Error(`The test report has no number of "${name}"`);
  }
  return Number(digits);
}
