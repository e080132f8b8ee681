/**
 * Measures the library beside others, in processes of their own:
 *
 *     deno task bench --runtime deno,node,bun --case pair,handoff
 *
 * @module
 */
import { readArguments, USAGE, type Wish } from "./arguments.ts";
import { build } from "./builds.ts";
import { machine } from "./machine.ts";
import { replaceBlock, toFigures, toProfiles, toSummary } from "./markdown.ts";
import { showProfile } from "./profile.ts";
import { versionOf } from "./programs.ts";
import { reportCase } from "./report.ts";
import {
  type CaseResult,
  joinResults,
  type Origin,
  type Results,
} from "./results.ts";
import { Runner } from "./runner.ts";
import { ServerProcess } from "./server/server_process.ts";
import { suite } from "./suite.ts";

const README = new URL("../../README.md", import.meta.url);
const FIGURES = new URL("FIGURES.md", import.meta.url);
const PROFILES = new URL("PROFILES.md", import.meta.url);
const OUTPUT = new URL("../../dist/bench/bench.json", import.meta.url);

async function originOf({ runtimes }: Wish): Promise<Origin> {
  const versions: Record<string, string> = {};
  for (const runtime of runtimes) versions[runtime] = await versionOf(runtime);
  return {
    command: ["deno task bench", ...Deno.args].join(" "),
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions,
  };
}

async function measure(wish: Wish): Promise<Results> {
  const cases: CaseResult[] = [];
  const results: Results = {
    ...await originOf(wish),
    clock: wish.clock,
    cases,
  };
  const builds = await build();
  await using server = await ServerProcess.start();
  const runner = new Runner(builds, server.addresses, wish, showProgress);
  for (const runtime of wish.runtimes) {
    for (const one of wish.cases) {
      if (one.runtimes?.includes(runtime) === false) continue;
      const result = await runner.run(one, runtime);
      cases.push(result);
      showProgress("");
      console.log(reportCase(one, result, cases));
      // After each: a run may take an hour, and its last case may fail.
      await Deno.writeTextFile(OUTPUT, JSON.stringify(results, undefined, 2));
    }
  }
  console.log(`\nWritten to dist/bench/bench.json`);
  return results;
}

/** @returns What was printed, by what it is about */
async function profile(wish: Wish): Promise<Map<string, string>> {
  const printed = new Map<string, string>();
  const { runtimes, cases } = wish;
  const builds = await build();
  await using server = await ServerProcess.start();
  const runner = new Runner(builds, server.addresses, wish, showProgress);
  for (const runtime of runtimes) {
    for (const one of cases) {
      const title = `${one.name} on ${runtime}: ${one.title}`;
      console.log(`\n${title}`);
      const shown: string[] = [];
      for await (const each of runner.profile(one, runtime)) {
        const { name, figure, profile } = each;
        showProgress("");
        const text = showProfile(name, figure, one.unit, profile);
        console.log(text);
        shown.push(text);
      }
      printed.set(title, shown.join("\n"));
    }
  }
  return printed;
}

async function count(wish: Wish): Promise<void> {
  const builds = await build();
  await using server = await ServerProcess.start();
  const runner = new Runner(builds, server.addresses, wish, showProgress);
  for (const runtime of wish.runtimes) {
    for (const one of wish.cases) {
      const result = await runner.count(one, runtime);
      showProgress("");
      // Goals are about time.
      console.log(reportCase({ ...one, goals: [] }, result, []));
    }
  }
}

/** The results of several runs, as of one. */
async function readResults(paths: readonly string[]): Promise<Results> {
  const runs: Results[] = [];
  for (const path of paths) {
    runs.push(JSON.parse(await Deno.readTextFile(path)));
  }
  return joinResults(runs);
}

async function writePlots(results: Results): Promise<void> {
  // Only here: a run without plots does without these packages.
  const { drawPlots } = await import("./plots/plots.ts");
  for (const [name, svg] of drawPlots(results)) {
    const path = new URL(`plots/${name}`, import.meta.url);
    await Deno.writeTextFile(path, svg);
    console.log(`Written to tests/bench/plots/${name}`);
  }
}

async function writeReadme(results: Results): Promise<void> {
  const text = await Deno.readTextFile(README);
  const block = toSummary(results, suite);
  await Deno.writeTextFile(README, replaceBlock(text, block));
  await Deno.writeTextFile(FIGURES, toFigures(results, suite));
  await format(README, FIGURES);
  console.log("Written to README.md and tests/bench/FIGURES.md");
}

async function writeProfiles(
  wish: Wish,
  printed: ReadonlyMap<string, string>,
): Promise<void> {
  const text = toProfiles(await originOf(wish), printed);
  await Deno.writeTextFile(PROFILES, text);
  await format(PROFILES);
  console.log("\nWritten to tests/bench/PROFILES.md");
}

async function format(...files: readonly URL[]): Promise<void> {
  await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...files.map(({ pathname }) => pathname)],
  }).output();
}

/** One line that is written over; nothing where nobody looks. */
function showProgress(text: string): void {
  if (!Deno.stderr.isTerminal()) return;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}

async function main(): Promise<void> {
  const wish = readArguments(Deno.args, suite);
  if (wish.helps) {
    console.log(USAGE);
    return;
  }
  if (wish.lists) {
    for (const { name, title } of suite) {
      console.log(`${name.padEnd(20)} ${title}`);
    }
    return;
  }
  if (wish.profiles) {
    const printed = await profile(wish);
    if (wish.writesReadme) await writeProfiles(wish, printed);
    return;
  }
  if (wish.counts) return await count(wish);
  const results = wish.from.length === 0
    ? await measure(wish)
    : await readResults(wish.from);
  if (wish.plots) await writePlots(results);
  if (wish.writesReadme) await writeReadme(results);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  Deno.exit(2);
}
