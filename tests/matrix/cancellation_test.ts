/**
 * Every operation with every outcome, cut short in every way at every instant.
 * What must come of it is worked out by the small model in `oracle.ts`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { RuntimeName } from "../support/runtime_profile.ts";
import {
  causeAt,
  type Cell,
  cellsOf,
  OPERATIONS,
  outcomeAt,
  titleOf,
} from "./cells.ts";
import { type Answer, expectationsOf, type Facts } from "./oracle.ts";
import { Stage } from "./stage.ts";

/** Whose sockets differ where sockets are closed: of hooks one will do. */
const RUNTIMES: readonly RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** @throws {Error} Whatever goes wrong, with the name of the cell */
async function play(cell: Cell): Promise<Facts> {
  const stage = new Stage(cell);
  try {
    await using _virtual = stage.virtual;
    return await perform(cell, stage);
  } catch (cause) {
    throw new Error(titleOf(cell), { cause });
  }
}

async function perform(cell: Cell, stage: Stage): Promise<Facts> {
  const { clock } = stage.virtual;
  await stage.prepare();
  if (cell.instant === "before") {
    stage.cause();
    await clock.settle();
  }
  const start = clock.time + (cell.operation === "probe" ? 1_000 : 0);
  await stage.begin();
  const outcome = start + outcomeAt(cell);
  const cause = start + causeAt(cell);
  if (cell.instant === "during") {
    await clock.advanceTo(cause);
    stage.cause();
  }
  // Up to the outcome's turn, in which nothing has happened yet.
  await clock.advanceTo(outcome - 1);
  clock.jump(1);
  if (cell.instant === "just before the outcome") {
    stage.cause();
    if (cell.cause === "timeout") clock.rush(0);
  }
  stage.outcome();
  if (cell.instant === "just after the outcome") stage.cause();
  if (cell.instant === "after") {
    await clock.advanceTo(cause);
    stage.cause();
  }
  return await stage.facts();
}

for (const operation of OPERATIONS) {
  const runtimes = operation === "dial" || operation === "close"
    ? RUNTIMES
    : RUNTIMES.slice(0, 1);
  for (const runtime of runtimes) {
    Deno.test(`4.2 4.8 F36-F38 F46 ${operation} cut short, on ${runtime}`, async () => {
      for (const cell of cellsOf(operation, runtime)) {
        const facts = await play(cell);
        const expected = expectationsOf(cell);
        const fits = expected.some((each) => isSame(each, facts));
        if (!fits) assertEquals(facts, expected[0], titleOf(cell));
      }
    });
  }
}

Deno.test("4.2 the cells of the matrix end in every way there is", () => {
  const answers = new Set<Answer>();
  for (const operation of OPERATIONS) {
    for (const cell of cellsOf(operation, "deno")) {
      for (const { answer } of expectationsOf(cell)) answers.add(answer);
    }
  }
  assertEquals([...answers].sort(), [
    "aborted",
    "closed",
    "exhausted",
    "failed",
    "granted: operation",
    "granted: other",
    "granted: third",
    "timed out",
  ]);
});

function isSame(one: Facts, other: Facts): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** In one order, whatever it came in. */
function sorted(facts: Facts): unknown {
  const retired = Object.entries(facts.retired).sort();
  return [Object.entries({ ...facts, retired: 0 }).sort(), retired];
}
