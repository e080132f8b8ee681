import { assertEquals } from "@std/assert";
import { Agenda, type Timekeeper } from "../../../src/io/agenda.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

class Keeper implements Timekeeper {
  nextAt = Infinity;
  readonly advances: number[] = [];
  readonly stalls: number[] = [];

  advance(now: number): void {
    this.advances.push(now);
    this.nextAt = Infinity;
  }

  stalled(late: number): void {
    this.stalls.push(late);
  }
}

function setUp() {
  const clock = new VirtualClock();
  const keeper = new Keeper();
  const agenda = new Agenda(clock, keeper);
  return { clock, keeper, agenda };
}

Deno.test("4.7 no timer is set while nothing is due", async () => {
  const { clock, keeper, agenda } = setUp();
  assertEquals(clock.armed, 0);
  agenda.arm();
  assertEquals(clock.armed, 0);
  keeper.nextAt = clock.time + 100;
  agenda.arm();
  assertEquals(clock.pending, 1);
  await clock.advance(100);
  assertEquals(keeper.advances, [clock.time]);
  assertEquals(clock.pending, 0);
});

Deno.test("4.7 one timer serves everything, at the next deadline", async () => {
  const { clock, keeper, agenda } = setUp();
  const rings: [name: string, at: number][] = [];
  const start = clock.time;
  const note = (name: string) => () => rings.push([name, clock.time - start]);
  agenda.after(300, note("c"));
  agenda.after(100, note("a"));
  agenda.after(200, note("b"));
  keeper.nextAt = start + 150;
  agenda.arm();
  assertEquals(clock.pending, 1);
  assertEquals(clock.nextAt, start + 100);
  for (let time = 50; time <= 300; time += 50) {
    await clock.advanceTo(start + time);
    assertEquals(clock.pending, time < 300 ? 1 : 0);
  }
  assertEquals(rings, [["a", 100], ["b", 200], ["c", 300]]);
  assertEquals(keeper.advances, [start + 150]);
});

Deno.test("4.7 a later deadline than the one set leaves the timer alone", () => {
  const { clock, agenda } = setUp();
  agenda.after(100, () => {});
  for (let count = 0; count < 10; count++) agenda.after(200, () => {});
  assertEquals(clock.armed, 1);
  agenda.after(50, () => {});
  assertEquals(clock.armed, 2);
  assertEquals(clock.pending, 1);
});

Deno.test("4.7 a cancelled appointment does not ring, and the last leaves no timer", async () => {
  const { clock, agenda } = setUp();
  const rings: string[] = [];
  const first = agenda.after(100, () => rings.push("first"));
  const second = agenda.after(100, () => rings.push("second"));
  agenda.cancel(first);
  assertEquals(clock.pending, 1);
  await clock.advance(100);
  assertEquals(rings, ["second"]);
  agenda.cancel(second);
  const third = agenda.after(100, () => rings.push("third"));
  agenda.cancel(third);
  agenda.cancel(third);
  assertEquals(clock.pending, 0);
  await clock.advance(1_000);
  assertEquals(rings, ["second"]);
});

Deno.test("4.7 an appointment may make and cancel others", async () => {
  const { clock, agenda } = setUp();
  const rings: string[] = [];
  const doomed = agenda.after(100, () => rings.push("doomed"));
  agenda.after(50, () => {
    rings.push("first");
    agenda.cancel(doomed);
    agenda.after(0, () => rings.push("at once"));
    agenda.after(10, () => rings.push("later"));
  });
  await clock.advance(50);
  assertEquals(rings, ["first", "at once"]);
  await clock.advance(100);
  assertEquals(rings, ["first", "at once", "later"]);
  assertEquals(clock.pending, 0);
});

Deno.test("F75 what is due is done with an input too, when the timer is late", async () => {
  const { clock, keeper, agenda } = setUp();
  let rings = 0;
  agenda.after(100, () => rings++);
  keeper.nextAt = clock.time + 100;
  clock.jump(500);
  agenda.catchUp(clock.time);
  assertEquals([rings, keeper.advances.length], [1, 1]);
  agenda.arm();
  await clock.advance(1_000);
  assertEquals([rings, keeper.advances.length], [1, 1]);
  assertEquals(keeper.stalls, []);
});

Deno.test("F73 after a stall the keeper is told once, and nothing expires for 50 ms", async () => {
  const { clock, keeper, agenda } = setUp();
  let rings = 0;
  agenda.after(100, () => rings++);
  keeper.nextAt = clock.time + 200;
  const advances: number[] = [];
  clock.jump(6_000);
  const awake = clock.time;
  await clock.advance(0);
  assertEquals(keeper.stalls, [5_900]);
  assertEquals([rings, keeper.advances], [0, advances]);
  // Inputs within the grace change nothing.
  agenda.catchUp(clock.time);
  await clock.advance(49);
  agenda.catchUp(clock.time);
  assertEquals([rings, keeper.advances], [0, advances]);
  await clock.advance(1);
  assertEquals(rings, 1);
  assertEquals(keeper.advances, [awake + 50]);
  assertEquals(keeper.stalls, [5_900]);
  assertEquals(clock.pending, 0);
});

Deno.test("F74 a second stall gets its own grace", async () => {
  const { clock, keeper, agenda } = setUp();
  let rings = 0;
  agenda.after(100, () => rings++);
  clock.jump(6_000);
  await clock.advance(0);
  clock.jump(8_000);
  await clock.advance(0);
  assertEquals([keeper.stalls, rings], [[5_900, 13_900], 0]);
  await clock.advance(50);
  assertEquals([keeper.stalls.length, rings], [2, 1]);
});

Deno.test("4.7 a timer a little late is no stall", async () => {
  const { clock, keeper, agenda } = setUp();
  let rings = 0;
  agenda.after(100, () => rings++);
  clock.jump(1_099);
  await clock.advance(0);
  assertEquals([keeper.stalls, rings], [[], 1]);
  agenda.after(100, () => rings++);
  clock.jump(1_100);
  await clock.advance(0);
  assertEquals([keeper.stalls, rings], [[1_000], 1]);
  agenda.stop();
});

Deno.test("F60 a wait beyond 2^31-1 ms is sliced", async () => {
  const { clock, agenda } = setUp();
  let rings = 0;
  const wait = 2 ** 33;
  agenda.after(wait, () => rings++);
  await clock.advance(wait - 1);
  assertEquals(rings, 0);
  assertEquals(clock.pending, 1);
  await clock.advance(1);
  assertEquals([rings, clock.pending], [1, 0]);
});

Deno.test("4.8 stop forgets everything", async () => {
  const { clock, agenda } = setUp();
  let rings = 0;
  for (const delay of [1, 100, Infinity]) agenda.after(delay, () => rings++);
  agenda.stop();
  assertEquals(clock.pending, 0);
  agenda.arm();
  assertEquals(clock.pending, 0);
  await clock.advance(1_000);
  assertEquals(rings, 0);
});
