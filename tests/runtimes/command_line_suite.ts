/**
 * Runs the cases with a test runner that is a command.
 *
 * @module
 */

import { ENVIRONMENT, type Environment } from "./cases/support/control.ts";
import { exists } from "./exists.ts";
import { readJunit } from "./junit.ts";
import type { CaseResult } from "./result.ts";
import { CACHE } from "./workshop.ts";

/** A suite that takes longer hangs. */
const LIMIT = 180_000;

export interface Suite {
  readonly name: string;
  readonly program: string;
  /** For a report at that path. */
  readonly args: (report: string) => readonly string[];
  readonly cwd: string;
  readonly environment: Environment;
}

/** @throws {Error} If the runner failed beyond what its report says */
export async function runSuite(suite: Suite): Promise<CaseResult[]> {
  const report = `${CACHE}/${suite.name}.xml`;
  if (await exists(report)) await Deno.remove(report);
  const signal = AbortSignal.timeout(LIMIT);
  const { code, stdout, stderr } = await new Deno.Command(suite.program, {
    args: [...suite.args(report)],
    cwd: suite.cwd,
    env: { [ENVIRONMENT]: JSON.stringify(suite.environment), NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).output();
  const results = await exists(report)
    ? readJunit(await Deno.readTextFile(report))
    : [];
  const failed = results.some(({ outcome }) => outcome === "failed");
  if (failed || (code === 0 && !signal.aborted)) return results;
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const how = signal.aborted
    ? `did not end within ${LIMIT} ms`
    : `ended with code ${code}`;
  throw new Error(`The suite ${how}:\n${said.join("\n")}`);
}
