import { assert, assertEquals } from "@std/assert";
import { RateLimit } from "../../../src/core/rate_limit.ts";

/** A dial that begins as soon as it is decided. */
function dial(rate: RateLimit, now: number): void {
  const dial = Symbol();
  rate.hold(dial);
  rate.begin(dial, now);
}

Deno.test("3.1 a dial counts from its beginning, and holds its place until then", () => {
  const rate = new RateLimit({ limit: 2, interval: 100 });
  rate.hold("one");
  assert(rate.freeAt <= 0);
  rate.hold("other");
  assertEquals(rate.freeAt, Infinity);
  // The one that never begins leaves its place.
  rate.giveBack("one");
  assert(rate.freeAt <= 0);
  rate.begin("other", 500);
  assert(rate.freeAt <= 500);
  dial(rate, 510);
  assertEquals(rate.freeAt, 600);
});

Deno.test("3.1 a dial that holds no place changes nothing: it began before, or ended", () => {
  const rate = new RateLimit({ limit: 2, interval: 100 });
  rate.hold("one");
  rate.begin("one", 500);
  rate.begin("one", 510);
  rate.giveBack("one");
  assert(rate.freeAt <= 510, "it counts once");
  rate.hold("other");
  assertEquals(rate.freeAt, 600, "and from when it began first");
  rate.giveBack("other");
  rate.giveBack("other");
  rate.begin("other", 520);
  assert(rate.freeAt <= 520);
});

Deno.test("3.1 a new limit is free; the limit-th dial in an interval waits for the oldest to leave it", () => {
  const rate = new RateLimit({ limit: 3, interval: 1_000 });
  assert(rate.freeAt <= -1e300);
  for (const at of [100, 250, 900]) {
    assert(rate.freeAt <= at);
    dial(rate, at);
  }
  assertEquals(rate.freeAt, 1_100);
  dial(rate, 1_100);
  assertEquals(rate.freeAt, 1_250);
  dial(rate, 5_000);
  assertEquals(rate.freeAt, 1_900);
});

Deno.test("3.1 a limit of one spaces dials by the interval", () => {
  const rate = new RateLimit({ limit: 1, interval: 50 });
  for (const at of [0, 50, 100]) {
    assert(rate.freeAt <= at);
    dial(rate, at);
    assertEquals(rate.freeAt, at + 50);
  }
});

Deno.test("3.1 against a list of all dials: no window holds more than the limit, and no dial waits without need", () => {
  let state = 7;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2 ** 31;
  for (const limit of [1, 2, 5, 17]) {
    const interval = 100;
    const rate = new RateLimit({ limit, interval });
    const dials: number[] = [];
    let now = 0;
    for (let step = 0; step < 3_000; step++) {
      now += random() * 30;
      const since = dials.filter((at) => at > now - interval).length;
      assertEquals(rate.freeAt <= now, since < limit);
      if (rate.freeAt > now) continue;
      dial(rate, now);
      dials.push(now);
    }
    assert(dials.length > 1_000 || limit < 17);
  }
});
