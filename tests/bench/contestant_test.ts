import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { within } from "../integration/within.ts";
import { standardLibraryFlags } from "../offline/flags.ts";
import type { Order } from "./contestant.ts";
import { COUNTED_OPERATIONS } from "./meter.ts";
import { OVER } from "./turns.ts";

const order: Order = {
  case: "pair",
  contestant: "pool",
  library: new URL("../../mod.ts", import.meta.url).href,
  server: "",
  secureServer: "",
  clock: "wall",
  samples: 2,
};

/** The program of a contestant's process, and how it ends. */
async function start(part: Partial<Order> = {}) {
  const program = new URL("contestant.ts", import.meta.url).pathname;
  const flags = await standardLibraryFlags();
  const child = spawn(Deno.execPath(), [
    ...["run", "--allow-all", "--no-check", "--quiet", ...flags],
    ...[program, JSON.stringify({ ...order, ...part })],
  ]);
  const end = new Promise<number | null>((resolve) =>
    child.on("exit", resolve)
  );
  return {
    child,
    end,
    errors: text(child.stderr),
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}

Deno.test("bench: a contestant's process measures once in each turn, then says its figures", async () => {
  using program = await start();
  const { child, end, errors } = program;
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line === OVER) child.stdin.write("\n");
  }
  assertEquals(await end, 0, await errors);
  const [warmedUp, measured, figures, ...others] = lines;
  assertEquals([warmedUp, measured, others], [OVER, OVER, []]);
  const { runs }: { runs: number[] } = JSON.parse(figures ?? "");
  assertEquals(runs.length, 2);
  // In ns, on a machine that may be slow.
  for (const run of runs) {
    assert(run > 5 && run < 1e9 / COUNTED_OPERATIONS * 60, `${run} ns`);
  }
});

Deno.test("bench: a contestant's process whose runner is gone ends", async () => {
  using program = await start();
  const { child, end } = program;
  child.stdout.resume();
  child.stdin.end();
  assertEquals(await within(end), 1);
});

Deno.test("bench: who is no contestant is named", async () => {
  using program = await start({ contestant: "nobody" });
  const { end, errors } = program;
  assertEquals(await within(end), 1);
  assertMatch(await errors, /No contestant "nobody" in "pair"/);
});
