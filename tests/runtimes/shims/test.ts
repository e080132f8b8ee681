/**
 * As much of `node:test` as the cases use, for browsers.
 *
 * @module
 */

/** How a case ended. */
export interface CaseResult {
  readonly title: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed. */
  readonly failure?: string;
}

interface Case {
  readonly title: string;
  readonly skip: boolean;
  readonly body: () => void | Promise<void>;
}

const cases: Case[] = [];

export function test(
  title: string,
  { skip = false }: { skip?: boolean },
  body: () => void | Promise<void>,
): void {
  cases.push({ title, skip, body });
}

async function resultOf({ title, skip, body }: Case): Promise<CaseResult> {
  if (skip) return { title, outcome: "skipped" };
  try {
    await body();
    return { title, outcome: "passed" };
  } catch (error) {
    const failure = error instanceof Error && error.stack || `${error}`;
    return { title, outcome: "failed", failure };
  }
}

/** Runs the cases there are, one after the other. */
export async function runAll(): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of cases.splice(0)) results.push(await resultOf(one));
  return results;
}
