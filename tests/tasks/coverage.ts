/**
 * Measures what the tests reach, and fails below the bars: the core's own
 * tests must reach all of the core, all tests together nearly all of the
 * library.
 *
 * @module
 */
import {
  standardLibrary,
  standardLibraryFlags,
  VARIABLE,
} from "../offline/flags.ts";
import { type FileCoverage, percent, ranges, readLcov, total } from "./lcov.ts";

interface Measurement {
  readonly name: string;
  /** Where the raw data and the report go; git and Deno ignore the folder. */
  readonly folder: string;
  readonly testArgs: readonly string[];
  /** The sources it is about. */
  readonly sources: string;
  /** In percent. */
  readonly bars: { readonly lines: number; readonly branches: number };
  /** Whether each file must reach the bars, or all of them together. */
  readonly of: "each file" | "all files";
}

const MEASUREMENTS: readonly Measurement[] = [
  {
    name: "the core, by its own unit and model tests",
    folder: "coverage/core",
    testArgs: ["tests/unit/core", "tests/model"],
    sources: "src/core/",
    bars: { lines: 100, branches: 100 },
    of: "each file",
  },
  {
    name: "the library, by all tests",
    folder: "coverage/all",
    testArgs: ["--doc", "--parallel"],
    sources: "src/",
    bars: { lines: 95, branches: 95 },
    of: "all files",
  },
];

const ROOT = new URL("../../", import.meta.url);

/** A run that takes longer hangs. */
const RUN_LIMIT_MS = 900_000;

/** What it prints is of interest only when it fails. */
async function deno(args: readonly string[]): Promise<void> {
  const limit = AbortSignal.timeout(RUN_LIMIT_MS);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { [VARIABLE]: await standardLibrary() },
    stdin: "null",
    signal: limit,
  }).output();
  if (code === 0) return;
  for (const output of [stdout, stderr]) await Deno.stderr.write(output);
  const how = limit.aborted ? "it did not end in time" : `exit code ${code}`;
  throw new Error(`"deno ${args[0]}" failed: ${how}`);
}

/** Runs the tests of a measurement. @returns What they reach, by file */
async function measure(
  { folder, testArgs, sources }: Measurement,
): Promise<FileCoverage[]> {
  await Deno.remove(new URL(folder, ROOT), { recursive: true }).catch(
    (error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    },
  );
  await deno([
    "test",
    "-A",
    `--coverage=${folder}`,
    "--coverage-raw-data-only",
    ...await standardLibraryFlags(),
    ...testArgs,
  ]);
  const output = `${folder}/lcov.info`;
  const include = `--include=${new URL(sources, ROOT).href}`;
  await deno([
    "coverage",
    "-q",
    "--lcov",
    `--output=${output}`,
    include,
    folder,
  ]);
  const reached = readLcov(await Deno.readTextFile(new URL(output, ROOT)))
    .map((file) => ({ ...file, path: fromRoot(file.path) }));
  return [...reached, ...await unloaded(sources, reached)];
}

function fromRoot(path: string): string {
  const root = decodeURIComponent(ROOT.pathname);
  return path.startsWith(root) ? path.slice(root.length) : path;
}

/** Files that no test loads are in no report. Those that hold types alone have nothing to run. */
async function unloaded(
  sources: string,
  reached: readonly FileCoverage[],
): Promise<FileCoverage[]> {
  const known = new Set(reached.map(({ path }) => path));
  const absent: FileCoverage[] = [];
  for (const path of pathsBelow(sources)) {
    if (known.has(path)) continue;
    const names = Object.keys(await import(new URL(path, ROOT).href));
    if (names.length === 0) continue;
    absent.push({
      path,
      lines: { reached: 0, total: 1 },
      branches: { reached: 0, total: 1 },
      missedLines: [1],
      missedBranches: [1],
    });
  }
  return absent;
}

function* pathsBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* pathsBelow(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield folder + name;
  }
}

/** Prints what is reached. @returns Whether it is enough */
function report(
  { name, bars, of }: Measurement,
  files: readonly FileCoverage[],
): boolean {
  const isBelow = (
    { lines, branches }: Pick<FileCoverage, "lines" | "branches">,
  ) => percent(lines) < bars.lines || percent(branches) < bars.branches;
  const sum = {
    lines: total(files.map(({ lines }) => lines)),
    branches: total(files.map(({ branches }) => branches)),
  };
  console.log(
    `\n${name}: ${figure(percent(sum.lines))} % of the lines, ` +
      `${figure(percent(sum.branches))} % of the branches ` +
      `(wanted of ${of}: ${bars.lines} %, ${bars.branches} %)`,
  );
  const below = files.filter(isBelow);
  if (below.length > 0) {
    console.table(Object.fromEntries(below.map((file) => [file.path, {
      "lines %": figure(percent(file.lines)),
      "branches %": figure(percent(file.branches)),
      "lines not run": ranges(file.missedLines),
      "lines with a way not taken": ranges(file.missedBranches),
    }])));
  }
  return of === "each file" ? below.length === 0 : !isBelow(sum);
}

/** Rounded down: nothing but all of it is 100. */
function figure(share: number): string {
  return (Math.floor(share * 100) / 100).toFixed(2);
}

async function measureAll(): Promise<void> {
  let isEnough = true;
  for (const measurement of MEASUREMENTS) {
    console.log(`── ${measurement.name}`);
    const files = await measure(measurement);
    if (files.length === 0) throw new Error("Nothing was measured");
    isEnough = report(measurement, files) && isEnough;
  }
  if (!isEnough) throw new Error("The tests reach too little");
}

try {
  await measureAll();
} catch (error) {
  console.error(`\nnot ok: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
