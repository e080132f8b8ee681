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
import { versionOf } from "./programs.ts";
import { reportCase } from "./report.ts";
import type { CaseResult, Results } from "./results.ts";
import { Runner } from "./runner.ts";
import { ServerProcess } from "./server/server_process.ts";
import { suite } from "./suite.ts";

const OUTPUT = new URL("../../dist/bench/bench.json", import.meta.url);

async function measure(wish: Wish): Promise<Results> {
  const versions: Record<string, string> = {};
  for (const runtime of wish.runtimes) {
    versions[runtime] = await versionOf(runtime);
  }
  const builds = await build();
  await using server = await ServerProcess.start();
  const runner = new Runner(builds, server.addresses, wish, showProgress);
  const cases: CaseResult[] = [];
  for (const runtime of wish.runtimes) {
    for (const one of wish.cases) {
      if (one.runtimes?.includes(runtime) === false) continue;
      const result = await runner.run(one, runtime);
      cases.push(result);
      showProgress("");
      console.log(reportCase(one, result, cases));
    }
  }
  return {
    command: ["deno task bench", ...Deno.args].join(" "),
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions,
    rounds: wish.rounds,
    clock: wish.clock,
    cases,
  };
}

/** One line that is written over; nothing where nobody looks. */
function showProgress(text: string): void {
  if (!Deno.stderr.isTerminal()) return;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}

async function main(): Promise<void> {
  const wish = readArguments(Deno.args, suite);
  if (wish.lists) {
    for (const { name, title } of suite) {
      console.log(`${name.padEnd(20)} ${title}`);
    }
    return;
  }
  const results = await measure(wish);
  await Deno.writeTextFile(OUTPUT, JSON.stringify(results, undefined, 2));
  console.log(`\nWritten to dist/bench/bench.json`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  Deno.exit(2);
}
