/**
 * What came of the cases on one runtime.
 *
 * @module
 */

import type { CaseResult } from "./shims/test.ts";

export type { CaseResult };

/** A runtime that ran. */
export interface Report {
  /** For people: `Node 24, npm package`. */
  readonly title: string;
  readonly version: string;
  /** The same cases everywhere. */
  readonly cases: readonly CaseResult[];
  /** Programs of `examples/`, which differ. */
  readonly examples: readonly CaseResult[];
  readonly seconds: number;
}

/** A runtime that could not run here. */
export interface Absence {
  readonly title: string;
  readonly reason: string;
}

/** Runs something that is one case by itself. */
export async function asCase(
  title: string,
  body: () => Promise<void>,
): Promise<CaseResult> {
  try {
    await body();
    return { title, outcome: "passed" };
  } catch (error) {
    return { title, outcome: "failed", failure: `${error}` };
  }
}
