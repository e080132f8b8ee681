import { assertEquals, assertThrows } from "@std/assert";
import { readArguments } from "./arguments.ts";
import { replaceBlock, toFigures, toProfiles, toSummary } from "./markdown.ts";
import { joinResults, type Results } from "./results.ts";
import { suite } from "./suite.ts";

function run(figure: number, version: Results["versions"]): Results {
  const runtime = "deno" in version ? "deno" : "bun";
  return {
    command: `deno task bench --runtime ${runtime}`,
    date: "2026-01-31",
    machine: "a machine",
    versions: version,
    clock: "wall",
    cases: [{
      runtime,
      case: "using/await",
      title: "a title",
      unit: "per second",
      reference: "ideal",
      figures: {
        ideal: [[figure]],
        pool: [[2 * figure]],
        "ideal (again)": [[figure]],
      },
    }],
  };
}

Deno.test("bench: several runs are joined, the last of a case counts", () => {
  const joined = joinResults([
    run(100, { deno: "1.0.0" }),
    run(300, { bun: "2.0.0" }),
    run(200, { deno: "1.0.0" }),
  ]);
  assertEquals(joined.versions, { deno: "1.0.0", bun: "2.0.0" });
  assertEquals(
    joined.cases.map(({ runtime, figures }) => [runtime, figures["ideal"]]),
    [["deno", [[200]]], ["bun", [[300]]]],
  );
  assertEquals(
    joined.command,
    "deno task bench --runtime deno; deno task bench --runtime bun",
  );
  const text = toFigures(joined, suite);
  assertEquals(text.includes("runtime deno\ndeno task bench --runtime"), true);
  assertEquals(text.includes("several commands measured, the last"), true);
  assertThrows(
    () =>
      joinResults([run(1, { bun: "2" }), {
        ...run(1, { bun: "2" }),
        clock: "cpu",
      }]),
    Error,
    "differ",
  );
});

const COMMAND = ["```sh", "deno task bench --runtime deno", "```", ""];
const PROVENANCE = "On 2026-01-31: Deno 1.0.0; a machine. " +
  "Medians of 1 processes each, lowest and highest in brackets.";

Deno.test("bench: the summary compares, and says where it is from", () => {
  const lines = toSummary(run(100, { deno: "1.0.0" }), suite).split("\n");
  assertEquals(lines.slice(0, 5), [...COMMAND, PROVENANCE]);
  const row =
    "| uncontended pair, written `await using` | pool / ideal, speed | 0.50 [0.50..0.50] |";
  assertEquals(lines.filter((line) => line === row).length, 1);
  assertEquals(lines.filter((line) => line.includes("goal")), []);
});

Deno.test("bench: the figures are there with their goals and where they are from", () => {
  const lines = toFigures(run(100, { deno: "1.0.0" }), suite).split("\n");
  const has = (line: string) => assertEquals(lines.includes(line), true, line);
  has(PROVENANCE);
  has(
    "| uncontended pair, written `await using` | pool / ideal, speed | 0.50 [0.50..0.50]; goal >= 0.9: missed |",
  );
  has("| ideal | 10.0 M/s [10.0..10.0] |");
  has("| pool | 5.00 M/s [5.00..5.00] |");
  has("| A/A control: ideal | 1.00 [1.00..1.00] |");
});

Deno.test("bench: profiles are there with what they are about and where they are from", () => {
  const origin = run(100, { deno: "1.0.0" });
  const printed = new Map([
    ["pair on deno: a title", "\nideal: 5 ns\n  99 %  pop"],
    ["using on deno: another", "\npool: 6 ns"],
  ]);
  const lines = toProfiles(origin, printed).split("\n");
  const from = lines.indexOf("On 2026-01-31: Deno 1.0.0; a machine.");
  assertEquals(lines.slice(from - 4), [
    ...COMMAND,
    "On 2026-01-31: Deno 1.0.0; a machine.",
    "",
    "## pair on deno: a title",
    "",
    "```text",
    "ideal: 5 ns",
    "  99 %  pop",
    "```",
    "",
    "## using on deno: another",
    "",
    "```text",
    "pool: 6 ns",
    "```",
    "",
    "",
  ]);
});

Deno.test("bench: cases that were measured by more processes say so", () => {
  const few = run(100, { deno: "1.0.0" });
  const [one] = few.cases;
  const figures = {
    ideal: [[1], [2], [3]],
    "ideal (again)": [[1], [2], [3]],
  };
  const many = { ...one!, case: "using/plain", figures };
  const lines = toFigures({ ...few, cases: [one!, many] }, suite).split("\n");
  assertEquals(lines.filter((line) => /medians of/i.test(line)), [
    PROVENANCE.replace("of 1 ", "of 1 to 3 "),
    "`using/await`: uncontended pair, written `await using`; medians of 1",
    "`using/plain`: uncontended pair, written `using`; medians of 3",
  ]);
});

Deno.test("bench: the block replaces what is between its marks, nothing else", async () => {
  const readme = await Deno.readTextFile(
    new URL("../../README.md", import.meta.url),
  );
  const once = replaceBlock(readme, "one\n\n| a | b |");
  const twice = replaceBlock(once, "two");
  assertEquals(twice, replaceBlock(readme, "two"));
  assertEquals(twice.split("\ntwo\n").length, 2);
  assertThrows(() => replaceBlock("no marks", "x"), Error, "bench");
});

Deno.test("bench: arguments choose cases by name or family", () => {
  const names = (...args: string[]) =>
    readArguments(args, suite).cases.map(({ name }) => name);
  assertEquals(names("--case", "pair"), ["pair"]);
  assertEquals(names("--case", "abort/100,using"), [
    "using/await",
    "using/plain",
    "abort/100",
  ]);
  assertEquals(names(), suite.map(({ name }) => name));
  const { runtimes, rounds, clock } = readArguments([
    "--runtime=node,bun",
    "--rounds=7",
    "--clock=cpu",
  ], suite);
  assertEquals({ runtimes, rounds, clock }, {
    runtimes: ["node", "bun"],
    rounds: 7,
    clock: "cpu",
  });
});

Deno.test("bench: arguments choose contestants", () => {
  const contestants = (...args: string[]) =>
    readArguments(args, suite).contestants;
  assertEquals(contestants(), undefined);
  assertEquals(contestants("--contestant", "pool,JetSocket"), [
    "pool",
    "JetSocket",
  ]);
});

Deno.test("bench: wrong arguments are refused", () => {
  for (
    const args of [
      ["--case", "nothing"],
      ["--case", "hand"],
      ["--contestant", "pool,nobody"],
      ["--rounds", "0"],
      ["--rounds", "2.5"],
      ["--runtime", "deno,jsc"],
      ["--clock", "sun"],
      ["--instructions"],
      ["--instructions", "--runtime", "node,deno"],
      ["--fast"],
      ["pair"],
    ]
  ) assertThrows(() => readArguments(args, suite), TypeError);
});
