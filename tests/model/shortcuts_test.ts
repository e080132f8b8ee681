import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { booksOf } from "./books.ts";
import { Twin } from "./twin.ts";
import { twinScenarios } from "./twin_commands.ts";
import { TwinTally } from "./twin_tally.ts";

const runs = Number(
  Deno.env.get("MODEL_RUNS") ?? (Deno.env.get("DEEP") ? 2_000 : 200),
);
const seed = Number(
  Deno.env.get("MODEL_SEED") ?? Math.floor(Math.random() * 2 ** 31),
);

/** Its multiples have fractions that stay apart. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

// The seed stands in the title, so that a failure anywhere can be replayed.
Deno.test(`4.2 the shortcuts leave the books of the general way, whatever came before (MODEL_SEED=${seed})`, () => {
  const tally = new TwinTally();
  const property = fc.property(twinScenarios, (scenario) => {
    const quick = new Twin(scenario, tally);
    const general = new Twin(scenario, undefined);
    for (const [index, command] of scenario.commands.entries()) {
      for (const twin of [quick, general]) {
        twin.step(command, (index * GOLDEN_RATIO) % 1);
        if (scenario.isPrompt) twin.stamp();
      }
      assertEquals(quick.words.splice(0), general.words.splice(0));
      // The general way has stamped everybody: times count when both have.
      const hasTimes = quick.state.ledger.unstamped.length === 0;
      assertEquals(
        booksOf(quick.state.ledger, hasTimes),
        booksOf(general.state.ledger, hasTimes),
      );
    }
  });
  fc.assert(property, { seed, numRuns: runs });
  // Who never takes a shortcut agrees as well.
  for (const [name, count] of Object.entries(tally)) {
    assert(count > 0, `${name}: none of ${runs} runs has taken it`);
  }
});
