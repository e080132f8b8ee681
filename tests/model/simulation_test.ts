import { assertEquals } from "@std/assert";
import { EXPECTED } from "./simulation/expected.ts";
import { runSeed } from "./simulation/run.ts";
import { Tally } from "./simulation/tally.ts";

const seeds = Deno.env.get("DEEP") ? 1_000 : 100;

/** Runs `count` seeds from `first` on. @throws {Error} The report of the first that breaks a promise */
async function runSeeds(first: number, count: number): Promise<Tally> {
  const tally = new Tally();
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await runSeed(seed);
    if (outcome.failure !== undefined) throw new Error(outcome.report);
    tally.add(outcome.tally);
  }
  return tally;
}

Deno.test(`4 I1-I9 the whole library keeps its promises, whatever happens to it: ${seeds} seeds`, async () => {
  const tally = await runSeeds(1, seeds);
  const missing = EXPECTED.filter((name) => tally.of(name) === 0);
  assertEquals(missing, [], "the simulation has never met these");
});

Deno.test("a seed decides everything", async () => {
  const runs = [await runSeed(7), await runSeed(7)];
  const [first, second] = runs.map(({ tally, report }) => [
    tally.entries,
    report,
  ]);
  assertEquals(first, second);
});
