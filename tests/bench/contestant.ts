/**
 * The program of one contestant's process: measures it and prints the figures.
 * Bundled, so that Deno, Node and Bun run the same file.
 *
 * @module
 */
import process from "node:process";
import type { Library } from "./case.ts";
import { type ClockName, counted, FULL, Meter } from "./meter.ts";
import { suite } from "./suite.ts";
import { told } from "./turns.ts";

/** What the process is told, as JSON in its one argument. */
export interface Order {
  readonly case: string;
  readonly contestant: string;
  /** Address of the library. */
  readonly library: string;
  readonly server: string;
  readonly secureServer: string;
  readonly clock: ClockName;
  /** Runs, where not their time matters but what they execute. */
  readonly samples?: number;
}

// Who is told nothing more would wait, and its pool tick, for ever.
process.stdin.once("end", () => process.exit(1));
const order: Order = JSON.parse(process.argv[2] ?? "{}");
const { contestant, server, secureServer, samples } = order;
const workload = suite.find(({ name }) => name === order.case)
  ?.contestants[contestant];
if (workload === undefined) {
  throw new Error(`No contestant "${contestant}" in "${order.case}"`);
}
const library: Library = await import(order.library);
const effort = samples === undefined ? FULL : counted(samples);
const meter = new Meter(effort, order.clock, told);
const runs = await workload({ library, meter, server, secureServer });
console.log(JSON.stringify({ runs }));
// Packages leave timers behind, which are nobody's concern any more.
process.exit(0);
