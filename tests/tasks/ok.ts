/**
 * Runs every check in turn and stops at the first that fails.
 *
 * @module
 */
import {
  IMPORT_MAP,
  type StandardLibrary,
  standardLibrary,
  VARIABLE,
} from "../offline/flags.ts";
import { readTally } from "./tally.ts";

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A longer run is reported, and passes: machines differ. */
  readonly budgetMs?: number;
}

/** A step that takes longer hangs. */
const STEP_LIMIT_MS = 600_000;

function steps(library: StandardLibrary, report: string): Step[] {
  const mapped = library === "jsr" ? [] : [`--import-map=${IMPORT_MAP}`];
  // The linter looks JSR packages up whatever the import map says, and waits
  // for minutes in a network that drops packets. Nothing listens here.
  const lintEnv: Record<string, string> = library === "jsr"
    ? {}
    : { JSR_URL: "http://127.0.0.1:1" };
  return [
    { name: "format", args: ["fmt", "--check"] },
    { name: "lint", args: ["lint"], env: lintEnv },
    {
      // A library does not print, and says what its functions take and give.
      name: "lint: rules for the library alone",
      args: [
        "lint",
        "--rules-include=no-console,explicit-module-boundary-types",
        "mod.ts",
        "src",
      ],
      env: lintEnv,
    },
    {
      name: "types: as a browser has them",
      args: ["check", "-q", ...mapped, "mod.ts", "src", "tests", "examples"],
    },
    {
      // What a user of the library has without any configuration.
      name: "types: as Deno has them",
      args: [
        "check",
        "-q",
        "--no-config",
        `--import-map=${IMPORT_MAP}`,
        "mod.ts",
      ],
    },
    { name: "docs", args: ["doc", "--lint", ...mapped, "mod.ts"] },
    {
      name: "test",
      args: ["task", "test", `--junit-path=${report}`],
      budgetMs: 60_000,
    },
    {
      name: "publish: dry run",
      args: ["run", "-qA", "--no-config", "tests/offline/publish.ts"],
    },
  ];
}

async function perform(step: Step, library: StandardLibrary): Promise<void> {
  console.log(`\n── ${step.name}`);
  const began = performance.now();
  const limit = AbortSignal.timeout(STEP_LIMIT_MS);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [...step.args],
    env: { ...step.env, [VARIABLE]: library },
    stdin: "null",
    signal: limit,
  }).spawn().status;
  const took = performance.now() - began;
  console.log(`── ${step.name}: ${seconds(took)}`);
  if (code !== 0) {
    const how = limit.aborted
      ? `it did not end within ${seconds(STEP_LIMIT_MS)}`
      : `exit code ${code}`;
    throw new Error(`"${step.name}" failed: ${how}`);
  }
  if (step.budgetMs !== undefined && took > step.budgetMs) {
    console.log(`   slow: it has a budget of ${seconds(step.budgetMs)}`);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function runAll(): Promise<void> {
  const library = await standardLibrary();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    for (const step of steps(library, report)) await perform(step, library);
    const { passed, failed, skipped } = readTally(
      await Deno.readTextFile(report),
    );
    console.log(`\nok: everything passed in ${seconds(performance.now())}`);
    // Alone on the last line, for programs that read the counts there.
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  } finally {
    await Deno.remove(report);
  }
}

try {
  await runAll();
} catch (error) {
  console.error(`\nnot ok: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
// The question for JSR may still be open, and would hold the process.
Deno.exit(0);
