import process from "node:process";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Case } from "./case.ts";
import { sharesOf } from "./profile.ts";
import { instructionsIn } from "./programs.ts";
import { Runner } from "./runner.ts";

const one: Case = {
  name: "family/3",
  title: "a case",
  unit: "ns",
  reference: "ideal",
  // Only their names count: the work is done by the script below.
  contestants: {
    "ideal": () => Promise.resolve([]),
    "pool: a way": () => Promise.resolve([]),
  },
  goals: [],
};

/** A runner with a script in the place of the contestants' program. */
async function withRunner<Result>(
  script: string,
  other: string | undefined,
  use: (runner: Runner) => Promise<Result>,
  contestants?: readonly string[],
): Promise<{ result: Result; turns: string[] }> {
  const path = await Deno.makeTempFile({ suffix: ".mjs" });
  const turns: string[] = [];
  // Of the first two turns, then as they stand.
  const order = [0.1, 0.2, 0.3, 0.4, 0.7, 0.2, 0.9, 0.1];
  try {
    await Deno.writeTextFile(path, script);
    const runner = new Runner(
      { contestant: path, library: "own", other },
      { plain: "", secure: "" },
      { contestants, rounds: 2, clock: "wall" },
      (text) => turns.push(text),
      () => order.shift() ?? 0.5,
    );
    return { result: await use(runner), turns };
  } finally {
    await Deno.remove(path);
  }
}

/** Runs the case. */
function run(
  script: string,
  other: string | undefined,
  contestants?: readonly string[],
) {
  const use = (runner: Runner) => runner.run(one, "deno");
  return withRunner(script, other, use, contestants);
}

/** Measures as often as its name has letters, but for the first turn. */
const SCRIPT = `
  import { once } from "node:events";
  import process from "node:process";
  const { case: name, contestant, library } = JSON.parse(process.argv[2]);
  // As JSON writes what it has no word for.
  if (process.argv[2].includes("null")) throw new Error("lost on the way");
  console.log("noise before");
  const runs = [];
  while (runs.length < contestant.length) {
    const begun = once(process.stdin, "data");
    console.log('{"turn":"over"}');
    await begun;
    runs.push(name.length + library.length + runs.length);
  }
  console.log(JSON.stringify({ runs }));
  process.exit(0);
`;

Deno.test("bench: contestants take turns, the reference twice, in another order each time", async () => {
  const { result, turns } = await run(SCRIPT, "others");
  const twin = "pool: a way (POOL_MODULE)";
  const perRound = 2 * (6 + 12);
  assertEquals(turns.length, 2 * perRound);
  assertEquals(turns.slice(0, 12), [
    "deno family/3 1/2, turn 0 of ideal",
    "deno family/3 1/2, turn 0 of pool: a way",
    `deno family/3 1/2, turn 0 of ${twin}`,
    "deno family/3 1/2, turn 0 of ideal (again)",
    "deno family/3 1/2, turn 1 of ideal (again)",
    "deno family/3 1/2, turn 1 of pool: a way",
    "deno family/3 1/2, turn 1 of ideal",
    `deno family/3 1/2, turn 1 of ${twin}`,
    "deno family/3 1/2, turn 2 of ideal",
    "deno family/3 1/2, turn 2 of pool: a way",
    `deno family/3 1/2, turn 2 of ${twin}`,
    "deno family/3 1/2, turn 2 of ideal (again)",
  ]);
  // Who has measured has no more turns.
  assertEquals(turns.slice(perRound - 2, perRound), [
    "deno family/3 1/2, turn 11 of pool: a way",
    `deno family/3 1/2, turn 11 of ${twin}`,
  ]);
  assertEquals(turns[perRound], "deno family/3 2/2, turn 0 of ideal");
  // "family/3" is 8 long, "own" 3, "others" 6.
  const runs = (first: number, count: number) =>
    Array.from({ length: count }, (_, turn) => first + turn);
  assertEquals(result.figures, {
    "ideal": [runs(11, 5), runs(11, 5)],
    "pool: a way": [runs(11, 11), runs(11, 11)],
    [twin]: [runs(14, 11), runs(14, 11)],
    "ideal (again)": [runs(11, 5), runs(11, 5)],
  });
});

Deno.test("bench: the reference runs always, others if they are wanted", async () => {
  const names = async (...contestants: string[]) => {
    const { result } = await run(SCRIPT, undefined, contestants);
    return Object.keys(result.figures);
  };
  assertEquals(await names("somebody"), ["ideal", "ideal (again)"]);
  assertEquals(await names("pool: a way"), [
    "ideal",
    "pool: a way",
    "ideal (again)",
  ]);
});

Deno.test("bench: what differs from process to process has three times the rounds", async () => {
  const { result, turns } = await withRunner(
    SCRIPT,
    undefined,
    (runner) => runner.run({ ...one, isUnsteady: true }, "deno"),
    ["nobody"],
  );
  assertEquals(result.figures["ideal"]?.length, 6);
  assertEquals(turns[0], "deno family/3 1/6, turn 0 of ideal");
});

Deno.test("bench: one process works at a time", async () => {
  const log = await Deno.makeTempFile();
  const script = SCRIPT.replace(
    "runs.push(",
    `await append("begin ");
     await new Promise((resolve) => setTimeout(resolve, 5));
     await append("end ");
     runs.push(`,
  ) + `function append(text) {
    return Deno.writeTextFile(${JSON.stringify(log)}, text, { append: true });
  }`;
  try {
    await run(script, undefined);
    const text = await Deno.readTextFile(log);
    // Two rounds of 5, 11 and 5 runs.
    assertEquals(text, "begin end ".repeat(42));
  } finally {
    await Deno.remove(log);
  }
});

Deno.test("bench: a process that fails, or says no figures, ends the run", async () => {
  const failing = [
    "console.log('{\"runs\":[1]}'); throw new Error('broken')",
    "console.log('nothing')",
    "console.log('{\"runs\":[]}')",
    "console.log('{\"runs\":[1,null]}')",
  ];
  for (const script of failing) {
    await assertRejects(
      () => run(script, undefined),
      Error,
      "ideal of family/3",
    );
  }
});

Deno.test("bench: nobody plays on when one has failed", async () => {
  const log = await Deno.makeTempFile();
  // The second contestant fails in its second turn; the first waits for one.
  const script = `
    Deno.writeTextFileSync(${
    JSON.stringify(log)
  }, Deno.pid + "\\n", { append: true });
  ` + SCRIPT.replace(
    "runs.push(",
    "if (contestant !== 'ideal') throw new Error('broken');\n runs.push(",
  );
  try {
    await assertRejects(() => run(script, undefined), Error, "broken");
    const pids = (await Deno.readTextFile(log)).trim().split("\n");
    assertEquals(pids.length, 3);
    for (const pid of pids) await gone(Number(pid));
  } finally {
    await Deno.remove(log);
  }
});

/** Resolves when there is no such process any more. */
async function gone(pid: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${pid} runs on`)), 10_000);
  const end = (async () => {
    try {
      // A question, not a signal.
      for (;;) {
        process.kill(pid, 0);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } catch {
      clearTimeout(timer);
    }
  })();
  await Promise.race([end, late]);
}

/** In the place of valgrind: 1 000 000 instructions, and 7 for each operation. */
const VALGRIND = `#!/bin/sh
file=\${2#--callgrind-out-file=}
program=$4
shift 5
for order; do :; done
samples=$(echo "$order" | sed 's/.*"samples":\\([0-9]*\\).*/\\1/')
echo "summary: $((1000000 + samples * 700000))" > "$file"
exec "$program" "$@"
`;

Deno.test("bench: instructions are those of a long process without those of a short one", async () => {
  const valgrind = await Deno.makeTempFile();
  await Deno.writeTextFile(valgrind, VALGRIND);
  await Deno.chmod(valgrind, 0o755);
  Deno.env.set("VALGRIND", valgrind);
  try {
    const { result } = await withRunner(
      SCRIPT,
      undefined,
      (runner) => runner.count(one, "deno"),
    );
    assertEquals(result.unit, "instructions");
    assertEquals(result.figures, {
      "ideal": [[7], [7]],
      "pool: a way": [[7], [7]],
      "ideal (again)": [[7], [7]],
    });
  } finally {
    Deno.env.delete("VALGRIND");
    await Deno.remove(valgrind);
  }
});

Deno.test("bench: who says no number of instructions is refused", () => {
  assertEquals(instructionsIn("version: 1\nsummary: 1234\n"), 1_234);
  assertThrows(() => instructionsIn("version: 1\n"), Error, "No summary");
});

Deno.test("bench: each contestant is profiled once, and what it did has a name", async () => {
  const script = `
    function spin(count) {
      let sum = 0;
      for (let index = 0; index < count; index++) sum += index % 7;
      return sum;
    }
    console.log(spin(1e8));
    console.log(JSON.stringify({ runs: [6, 9, 7] }));
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
