import { Simulation } from "./simulation.ts";
import type { Tally } from "./tally.ts";

/** What came of one seed. */
export interface Outcome {
  readonly seed: number;
  readonly tally: Tally;
  /** The promise that was broken, if one was. */
  readonly failure: string | undefined;
  /** How to see it again, what led to it, and the pool it happened to. */
  readonly report: string;
}

/** Runs one seed to its end, and hears of what nobody caught. */
export async function runSeed(seed: number): Promise<Outcome> {
  const uncaught: unknown[] = [];
  const note = (event: PromiseRejectionEvent | ErrorEvent) => {
    event.preventDefault();
    uncaught.push("reason" in event ? event.reason : event.error);
  };
  globalThis.addEventListener("unhandledrejection", note);
  globalThis.addEventListener("error", note);
  const simulation = new Simulation(seed);
  let failure: string | undefined;
  try {
    await simulation.run();
  } catch (error) {
    failure = describe(error);
  }
  // What nobody caught is reported in a turn of its own.
  await new Promise((resolve) => setTimeout(resolve, 0));
  globalThis.removeEventListener("unhandledrejection", note);
  globalThis.removeEventListener("error", note);
  if (uncaught.length > 0) {
    failure ??= `4.9 nobody caught: ${uncaught.map(describe).join("; ")}`;
  }
  const report = [
    `Seed ${seed}: ${failure}`,
    Deno.inspect(simulation.plan, { depth: 5 }),
    ...simulation.trace,
    `Seed ${seed}: ${failure}`,
    `Replay: deno task simulate --from ${seed} --seeds 1`,
  ].join("\n");
  return { seed, tally: simulation.tally, failure, report };
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? thrown.stack ?? String(thrown) : "no error";
}
