import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Case } from "./case.ts";
import { sharesOf } from "./profile.ts";
import { Runner } from "./runner.ts";

const one: Case = {
  name: "family/3",
  title: "a case",
  unit: "ns",
  reference: "ideal",
  // Only their names count: the work is done by the script below.
  contestants: {
    "ideal": () => Promise.resolve(0),
    "pool: a way": () => Promise.resolve(0),
  },
  goals: [],
};

/** A runner with a script in the place of the contestants' program. */
async function withRunner<Result>(
  script: string,
  other: string | undefined,
  use: (runner: Runner) => Promise<Result>,
): Promise<{ result: Result; turns: string[] }> {
  const path = await Deno.makeTempFile({ suffix: ".js" });
  const turns: string[] = [];
  try {
    await Deno.writeTextFile(path, script);
    const runner = new Runner(
      { contestant: path, library: "own", other },
      { plain: "", secure: "" },
      { rounds: 2, clock: "wall" },
      (text) => turns.push(text),
    );
    return { result: await use(runner), turns };
  } finally {
    await Deno.remove(path);
  }
}

/** Runs the case. */
function run(script: string, other: string | undefined) {
  return withRunner(script, other, (runner) => runner.run(one, "deno"));
}

Deno.test("bench: contestants take turns, the reference twice, in another order each round", async () => {
  const script = `
    const { case: name, contestant, library } = JSON.parse(Deno.args[0]);
    console.log("noise before");
    const figure = name.length + contestant.length + library.length;
    console.log(JSON.stringify({ figure }));
  `;
  const { result, turns } = await run(script, "others");
  const twin = "pool: a way (POOL_MODULE)";
  assertEquals(turns, [
    "deno family/3 1/2 ideal",
    "deno family/3 1/2 pool: a way",
    `deno family/3 1/2 ${twin}`,
    "deno family/3 1/2 ideal (again)",
    "deno family/3 2/2 pool: a way",
    `deno family/3 2/2 ${twin}`,
    "deno family/3 2/2 ideal (again)",
    "deno family/3 2/2 ideal",
  ]);
  // "family/3" is 8 long, "own" 3, "others" 6.
  assertEquals(result.figures, {
    "ideal": [16, 16],
    "pool: a way": [22, 22],
    [twin]: [25, 25],
    "ideal (again)": [16, 16],
  });
});

Deno.test("bench: a process that fails, or says no figure, ends the run", async () => {
  const failing = [
    "console.log('{\"figure\":1}'); throw new Error('broken')",
    "console.log('nothing')",
    "console.log('{\"figure\":null}')",
  ];
  for (const script of failing) {
    await assertRejects(
      () => run(script, undefined),
      Error,
      "ideal of family/3",
    );
  }
});

Deno.test("bench: each contestant is profiled once, and what it did has a name", async () => {
  const script = `
    function spin(count) {
      let sum = 0;
      for (let index = 0; index < count; index++) sum += index % 7;
      return sum;
    }
    console.log(spin(1e8));
    console.log(JSON.stringify({ figure: 7 }));
  `;
  const { result } = await withRunner(
    script,
    "others",
    (runner) => Array.fromAsync(runner.profile(one, "deno")),
  );
  assertEquals(result.map(({ name, figure }) => [name, figure]), [
    ["ideal", 7],
    ["pool: a way", 7],
  ]);
  for (const { profile } of result) {
    const names = sharesOf(profile).map(([name]) => name);
    assert(names.some((name) => name.startsWith("spin ")), `${names}`);
  }
});
