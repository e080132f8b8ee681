import { assertEquals, assertRejects } from "@std/assert";
import type { Case } from "./case.ts";
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

/** Runs the case, with a script in the place of the contestants' program. */
async function run(script: string, other: string | undefined) {
  const path = await Deno.makeTempFile({ suffix: ".js" });
  const turns: string[] = [];
  try {
    await Deno.writeTextFile(path, script);
    const result = await new Runner(
      { contestant: path, library: "own", other },
      { plain: "", secure: "" },
      { rounds: 2, clock: "wall" },
      (text) => turns.push(text),
    ).run(one, "deno");
    return { result, turns };
  } finally {
    await Deno.remove(path);
  }
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
