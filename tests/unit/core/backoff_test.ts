import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { backoffDelay } from "../../../src/core/backoff.ts";

const policy = {
  minDelay: 1_000,
  maxDelay: 60_000,
  multiplier: 2,
  jitter: 1,
  resetAfter: 60_000,
};

Deno.test("4.2 a backoff grows with each failure in a row, up to its cap", () => {
  const delays = [1, 2, 3, 6, 7, 5_000].map((failures) =>
    backoffDelay(policy, failures, 0)
  );
  assertEquals(delays, [1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
});

Deno.test("4.2 jitter takes its share of the delay, and no more", () => {
  const draw = (jitter: number, random: number) =>
    backoffDelay({ ...policy, jitter }, 2, random);
  assertEquals(draw(1, 0.75), 500);
  assertEquals(draw(0.5, 0.5), 1_500);
  assertEquals(draw(0, 0.99), 2_000);
});

Deno.test("4.2 a backoff is a time whatever the numbers are", () => {
  assertEquals(backoffDelay({ ...policy, minDelay: 0 }, 5_000, 0.5), 0);
  const numbers = fc.record({
    minDelay: fc.double({ min: 0, max: 1e6, noNaN: true }),
    maxDelay: fc.constantFrom(0, 1_000, Infinity),
    multiplier: fc.double({ min: 1, max: 1e6, noNaN: true }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    resetAfter: fc.constant(0),
  });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      numbers,
      fc.integer({ min: 1 }),
      random,
      (some, count, draw) => {
        const delay = backoffDelay(some, count, draw);
        assert(delay >= 0 && delay <= some.maxDelay);
      },
    ),
  );
});
