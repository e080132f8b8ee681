import fc from "fast-check";
import { scenarios } from "./commands.ts";
import { World } from "./world.ts";

const runs = Number(
  Deno.env.get("MODEL_RUNS") ?? (Deno.env.get("DEEP") ? 40_000 : 2_000),
);
const seed = Number(
  Deno.env.get("MODEL_SEED") ?? Math.floor(Math.random() * 2 ** 31),
);

// The seed stands in the title, so that a failure anywhere can be replayed.
Deno.test(`I1-I9 hold whatever happens to a pool (MODEL_SEED=${seed})`, () => {
  const property = fc.property(scenarios, (scenario) => {
    const world = new World(scenario);
    for (const command of scenario.commands) world.step(command);
    world.end();
  });
  fc.assert(property, { seed, numRuns: runs });
});
