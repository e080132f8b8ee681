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

Deno.test("4.7 a turn lasts for four rounds of microtasks in which the time is asked for", async () => {
  const clock = new VirtualClock();
  const ends: number[] = [];
  const turn = new Turn(clock, (now) => ends.push(now));
  const times: number[] = [];
  for (let round = 0; round < 10; round++) {
    times.push(turn.now());
    clock.jump(1);
    await Promise.resolve();
  }
  const starts = [1_000, 1_004, 1_008];
  assertEquals(times, starts.flatMap((at) => [at, at, at, at]).slice(0, 10));
  await clock.settle();
  assertEquals(ends, [1_004, 1_008, 1_010]);
  assertEquals(clock.reads, 4);
});

Deno.test("4.7 a turn ends with the first round in which nobody asks for the time", async () => {
  const clock = new VirtualClock();
  const ends: number[] = [];
  const turn = new Turn(clock, (now) => ends.push(now));
  turn.now();
  await Promise.resolve();
  assertEquals(ends, [], "somebody has asked in this round");
  turn.now();
  clock.jump(1);
  await Promise.resolve();
  assertEquals(ends, [], "and in this");
  await Promise.resolve();
  assertEquals(ends, [1_001]);
  await clock.settle();
  assertEquals(
    [clock.reads, ends],
    [2, [1_001]],
    "nobody is told of a turn without anything in it",
  );
});

Deno.test("4.7 the reading at the end of a turn serves the next, if that follows at once", async () => {
  const clock = new VirtualClock();
  let ends = 0;
  const turn = new Turn(clock, () => ends++);
  for (let round = 0; round < 12; round++) {
    turn.now();
    await Promise.resolve();
  }
  assertEquals(clock.reads, 4);
  await clock.settle();
  assertEquals([clock.reads, ends], [4, 3]);
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
