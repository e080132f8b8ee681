import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("VirtualClock stands still until it is moved", async () => {
  const clock = new VirtualClock();
  assertEquals(clock.now(), 1_000);
  await clock.settle();
  assertEquals(clock.now(), 1_000);
  await clock.advance(250);
  assertEquals(clock.now(), 1_250);
  await clock.advanceTo(2_000);
  assertEquals(clock.now(), 2_000);
});

Deno.test("VirtualClock fires timers in order, each at its time", async () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.time}`);
  clock.setTimer(note("late"), 30);
  clock.setTimer(note("first of two"), 10);
  clock.setTimer(note("second of two"), 10);
  clock.setTimer(() => clock.setTimer(note("nested"), 5), 10);
  clock.setTimer(note("beyond"), 31);
  await clock.advance(30);
  assertEquals(fired, [
    "first of two@1010",
    "second of two@1010",
    "nested@1015",
    "late@1030",
  ]);
  assertEquals(clock.pending, 1);
  assertEquals(clock.nextAt, 1_031);
});

Deno.test("VirtualClock clears timers", async () => {
  const clock = new VirtualClock();
  let fired = 0;
  const first = clock.setTimer(() => fired++, 10);
  const second = clock.setTimer(() => fired++, 10);
  clock.clearTimer(first);
  assertEquals(clock.pending, 1);
  await clock.advance(10);
  assertEquals(fired, 1);
  clock.clearTimer(second);
  clock.clearTimer(undefined);
  assertEquals(clock.pending, 0);
  assertEquals(clock.nextAt, undefined);
  assertThrows(() => clock.clearTimer({}), TypeError);
});

Deno.test("VirtualClock lets promise chains run between timers", async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  const hop = async (left: number): Promise<void> => {
    if (left > 0) await hop(left - 1);
  };
  clock.setTimer(async () => {
    await hop(60);
    order.push("chain of the first");
  }, 10);
  clock.setTimer(() => order.push("second"), 10);
  await clock.advance(10);
  assertEquals(order, ["chain of the first", "second"]);
});

Deno.test("VirtualClock settles a deadline that a timer aborts", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const reason = new Error("too late");
  let outcome: unknown;
  deadline(new Promise(() => {}), Infinity, { signal: controller.signal })
    .catch((error) => outcome = error);
  clock.setTimer(() => controller.abort(reason), 10);
  await clock.advance(9);
  assertEquals(outcome, undefined);
  await clock.advance(1);
  assertEquals(outcome, reason);
});

Deno.test("VirtualClock.jump makes timers fire late", async () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.setTimer(() => fired.push(`b@${clock.time}`), 20);
  clock.setTimer(() => fired.push(`a@${clock.time}`), 10);
  clock.jump(6_000);
  await clock.settle();
  assertEquals(fired, []);
  assertEquals(clock.now(), 7_000);
  await clock.advance(0);
  assertEquals(fired, ["a@7000", "b@7000"]);
});

Deno.test("VirtualClock counts reads and timers", () => {
  const clock = new VirtualClock();
  clock.now();
  clock.now();
  clock.setTimer(() => {}, 5);
  clock.clearTimer(clock.setTimer(() => {}, 5));
  assertEquals(clock.time, 1_000);
  assertEquals(clock.reads, 2);
  assertEquals(clock.armed, 2);
});

Deno.test("VirtualClock slices the longest timers", () => {
  const clock = new VirtualClock();
  clock.setTimer(() => {}, Infinity);
  assertEquals(clock.nextAt, 1_000 + 2 ** 31 - 1);
});

Deno.test("VirtualClock refuses what would hide a fault", async () => {
  const clock = new VirtualClock();
  assertThrows(() => clock.setTimer(() => {}, NaN), RangeError);
  assertThrows(() => clock.jump(-1), RangeError);
  await assertRejects(() => clock.advance(-1), RangeError);
  const running = clock.advance(1);
  await assertRejects(() => clock.advance(1), Error, "advancing already");
  await running;

  const rearm = () => void clock.setTimer(rearm, 0);
  rearm();
  await assertRejects(() => clock.advance(1), Error, "re-arms itself");
});

Deno.test("VirtualClock passes on what a callback throws", async () => {
  const clock = new VirtualClock();
  clock.setTimer(() => {
    throw new Error("in the callback");
  }, 1);
  await assertRejects(() => clock.advance(5), Error, "in the callback");
  await clock.advance(5);
  assertEquals(clock.pending, 0);
});

Deno.test("rush fires what falls due, each at its time, and lets no promise chain run", async () => {
  const clock = new VirtualClock();
  const start = clock.time;
  const log: unknown[] = [];
  clock.setTimer(() => {
    log.push(clock.time - start);
    void Promise.resolve().then(() => log.push("chain"));
    clock.setTimer(() => log.push(clock.time - start), 5);
  }, 10);
  clock.setTimer(() => log.push("later"), 100);
  clock.rush(50);
  assertEquals(log, [10, 15]);
  assertEquals(clock.time - start, 50);
  await clock.settle();
  assertEquals(log, [10, 15, "chain"]);
  assertThrows(() => clock.rush(-1), RangeError);
  assertThrows(() => clock.rush(Infinity), RangeError);
});
