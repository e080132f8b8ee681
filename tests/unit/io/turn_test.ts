import { assertEquals } from "@std/assert";
import { Turn } from "../../../src/io/turn.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("4.7 a turn reads the clock once, however often it is asked, and once more at its end", async () => {
  const clock = new VirtualClock();
  const ends: number[] = [];
  const turn = new Turn(clock, (now) => ends.push(now));
  for (let count = 0; count < 100; count++) assertEquals(turn.now(), 1_000);
  assertEquals([clock.reads, ends.length], [1, 0]);
  // The caller blocks: those who came before count from here on.
  clock.jump(30);
  assertEquals(turn.now(), 1_000);
  await clock.settle();
  assertEquals([clock.reads, ends], [2, [1_030]]);
});

Deno.test("4.7 the reading at the end of a turn serves the next, if that follows at once", async () => {
  const clock = new VirtualClock();
  let ends = 0;
  const turn = new Turn(clock, () => ends++);
  for (let round = 0; round < 5; round++) {
    turn.now();
    await Promise.resolve();
  }
  assertEquals(clock.reads, 6);
  await clock.settle();
  assertEquals([clock.reads, ends], [6, 5]);
  // Nobody asked since: the next turn reads anew.
  clock.jump(7);
  assertEquals(turn.now(), 1_007);
  await clock.settle();
});

Deno.test("4.7 the time of a turn does not go back behind a reading of somebody else", async () => {
  const clock = new VirtualClock();
  const turn = new Turn(clock, () => {});
  assertEquals(turn.now(), 1_000);
  clock.jump(20);
  turn.advance(clock.now());
  assertEquals(turn.now(), 1_020);
  await clock.settle();
  clock.jump(20);
  // Outside of a turn there is nothing to keep.
  turn.advance(clock.now());
  clock.jump(20);
  assertEquals(turn.now(), 1_060);
  await clock.settle();
});
