import { assert, assertEquals } from "@std/assert";
import * as library from "../../mod.ts";
import { within } from "../integration/within.ts";
import { JETSOCKET } from "./case.ts";
import { Meter, TINY } from "./meter.ts";
import { BenchServer } from "./server/bench_server.ts";
import { suite } from "./suite.ts";
import { alone } from "./turns.ts";

const meter = new Meter(TINY, "wall", alone);

/** Cases of one family differ in their sizes. */
const families = Object.entries(
  Object.groupBy(suite, ({ name }) => name.split("/")[0] ?? name),
);

for (const [family, cases = []] of families) {
  Deno.test(`bench: all contestants of ${family} do their work`, async () => {
    await using server = new BenchServer();
    const { address } = server;
    for (const { contestants } of cases) {
      for (const [contestant, work] of Object.entries(contestants)) {
        // Nobody here would trust the certificate of a secure server.
        const given = {
          library,
          meter,
          server: address,
          secureServer: address,
        };
        const runs = await within(work(given));
        assert(runs.length > 0, contestant);
        assert(runs.every(Number.isFinite), `${contestant}: ${runs}`);
      }
    }
  });
}

Deno.test("bench: every goal is about contestants and cases there are", () => {
  const cases = suite.map(({ name }) => name);
  assertEquals(cases, [...new Set(cases)]);
  for (const { contestants, reference, goals, hasJetSocket } of suite) {
    const names = Object.keys(contestants);
    if (hasJetSocket) names.push(JETSOCKET);
    assert(names.includes(reference), reference);
    for (const goal of goals) {
      assert(names.includes(goal.of), goal.of);
      if ("against" in goal) assert(names.includes(goal.against), goal.against);
      if ("since" in goal) assert(cases.includes(goal.since), goal.since);
    }
  }
});
