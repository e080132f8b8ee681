/**
 * Runs simulations of the whole library for as long as wanted: seed after
 * seed, with the rate on the way and a summary of what happened at the end.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runSeed } from "../model/simulation/run.ts";
import { Tally } from "../model/simulation/tally.ts";

/** How often the progress is shown, in ms. */
const PROGRESS_INTERVAL = 5_000;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    /** Goes on after a failure, and lists them all at the end. */
    all: { type: "boolean", default: false },
  },
});
const from = readNumber("from", values.from);
const count = readNumber("seeds", values.seeds);

const tally = new Tally();
const failures: string[] = [];
const began = performance.now();
let shownAt = began;
let done = 0;
for (let seed = from; seed < from + count; seed++) {
  const outcome = await runSeed(seed);
  tally.add(outcome.tally);
  done++;
  if (outcome.failure !== undefined) {
    const [first = ""] = outcome.failure.split("\n");
    failures.push(`${seed}: ${first}`);
    if (!values.all) console.log(outcome.report);
    if (!values.all) break;
  }
  if (performance.now() - shownAt > PROGRESS_INTERVAL) {
    shownAt = performance.now();
    console.log(progress(seed));
  }
}
for (const [name, times] of tally.entries) {
  console.log(`${String(times).padStart(10)}  ${name}`);
}
for (const failure of failures) console.log(failure);
console.log(progress(from + done - 1));
Deno.exitCode = failures.length === 0 ? 0 : 1;

function progress(seed: number): string {
  const seconds = (performance.now() - began) / 1_000;
  const rate = (done / seconds).toFixed(1);
  return `${done} seeds, up to ${seed}; ${failures.length} failed; ${rate} a second`;
}

function readNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(`--${name} needs a whole number, got ${text}`);
}
