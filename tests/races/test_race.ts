import fc from "fast-check";
import type { RuntimeName } from "../support/runtime_profile.ts";
import { type Cast, MOVE_NAMES, type MoveName, MOVES } from "./moves.ts";
import { Dice, Race } from "./race.ts";
import { RaceReferee } from "./race_referee.ts";
import { type RaceOptions, RaceWorld } from "./race_world.ts";

const RUNS = Number(
  Deno.env.get("RACE_RUNS") ?? (Deno.env.get("DEEP") ? 2_000 : 80),
);
const SEED = Number(
  Deno.env.get("RACE_SEED") ?? Math.floor(Math.random() * 2 ** 31),
);
const PATH = Deno.env.get("RACE_PATH");

const RUNTIMES: readonly RuntimeName[] = ["deno", "node", "bun", "chromium"];

interface Scenario {
  readonly moves: readonly MoveName[];
  readonly runtime: RuntimeName;
  readonly numbers: fc.Stream<number>;
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  moves: fc.array(fc.constantFrom(...MOVE_NAMES), {
    minLength: 2,
    maxLength: 10,
  }),
  runtime: fc.constantFrom(...RUNTIMES),
  numbers: fc.infiniteStream(fc.nat(2_519)),
});

/**
 * Tests that nothing goes wrong when a connection in some state meets any
 * moves in any order. `prepare` brings it there, while all is peaceful.
 */
export function testRace(
  state: string,
  options: RaceOptions,
  prepare: (cast: Cast) => void | Promise<void>,
): void {
  const title = `4.4 4.8 F36-F50 races of what is ${state}`;
  // The seed stands in the title, so that a failure anywhere can be replayed.
  Deno.test(`${title} (RACE_SEED=${SEED})`, async () => {
    const property = fc.asyncProperty(
      fc.scheduler(),
      scenarios,
      (scheduler, scenario) => run(scheduler, scenario, options, prepare),
    );
    const result = await fc.check(property, {
      seed: SEED,
      numRuns: RUNS,
      ...(PATH === undefined ? {} : { path: PATH }),
    });
    if (!result.failed) return;
    const path = result.counterexamplePath ?? "";
    throw new Error(
      `Replay with: RACE_SEED=${SEED} RACE_PATH=${path} deno task test ` +
        `tests/races --filter "what is ${state} ("`,
      { cause: result.errorInstance ?? fc.defaultReportMessage(result) },
    );
  });
}

async function run(
  scheduler: fc.Scheduler,
  { moves, runtime, numbers }: Scenario,
  options: RaceOptions,
  prepare: (cast: Cast) => void | Promise<void>,
): Promise<void> {
  const dice = new Dice(numbers);
  const race = new Race(scheduler, dice);
  const world = new RaceWorld(race, dice, runtime, options);
  const cast: Cast = { world, callers: [], takers: [] };
  const referee = new RaceReferee(world, cast.callers, cast.takers);
  try {
    await prepare(cast);
    world.isPeaceful = false;
    for (const name of moves) race.add(name, () => MOVES[name](cast));
    await race.run(referee);
    await referee.end();
  } catch (cause) {
    throw new Error(`On ${runtime}:\n${race.story}`, { cause });
  }
}
