import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Histogram } from "../../src/stats.ts";

/** A step between two buckets; the rest is rounding. */
const ERROR = 2 ** (1 / 8) - 1 + 1e-9;

function histogramOf(durations: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const duration of durations) histogram.add(duration);
  return histogram;
}

/** The smallest duration that `share` of all do not exceed. */
function percentileOf(durations: readonly number[], share: number): number {
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

Deno.test("3.4 an empty distribution is all 0, and frozen", () => {
  const summary = new Histogram().summary();
  assertEquals(summary, { p50: 0, p95: 0, p99: 0, max: 0 });
  assert(Object.isFrozen(summary));
});

Deno.test("3.4 a percentile is at most 9 % above the true one, and max exact", () => {
  const duration = fc.oneof(
    fc.double({ min: 2 ** -7, max: 100, noNaN: true }),
    fc.double({ min: 100, max: 9e8, noNaN: true }),
    fc.integer({ min: -7, max: 29 }).map((exponent) => 2 ** exponent),
  );
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 300 }),
      (durations) => {
        const summary = histogramOf(durations).summary();
        const shares = [
          [summary.p50, 0.5],
          [summary.p95, 0.95],
          [summary.p99, 0.99],
        ] as const;
        for (const [found, share] of shares) {
          const exact = percentileOf(durations, share);
          assert(found >= exact * (1 - 1e-9), `${found} < ${exact}`);
          assert(found <= exact * (1 + ERROR), `${found} > ${exact} + 9 %`);
          assert(found <= summary.max);
        }
        assertEquals(summary.max, Math.max(...durations));
      },
    ),
  );
});

Deno.test("3.4 a known distribution", () => {
  const durations = Array.from({ length: 1_000 }, (_, index) => index + 1);
  const { p50, p95, p99, max } = histogramOf(durations).summary();
  assert(p50 >= 500 && p50 <= 500 * (1 + ERROR), String(p50));
  assert(p95 >= 950 && p95 <= 1_000, String(p95));
  assert(p99 >= 990 && p99 <= 1_000, String(p99));
  assertEquals(max, 1_000);
});

Deno.test("3.4 durations beyond the buckets are counted in the outermost", () => {
  assertEquals(histogramOf([0, 0, 0]).summary(), {
    p50: 0,
    p95: 0,
    p99: 0,
    max: 0,
  });
  const { p50, max } = histogramOf([1e300, Infinity, 1e300]).summary();
  assert(p50 > 9e8, String(p50));
  assertEquals(max, Infinity);
});

/** Counts each duration by itself, with no memory of the one before. */
function referenceOf(durations: readonly number[]): number[] {
  const counts = new Array<number>(296).fill(0);
  for (const duration of durations) {
    const doublings = Math.log2(Math.max(duration, 2 ** -7) / 2 ** -7);
    const index = Math.min(Math.ceil(doublings * 8), 295);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const max = Math.max(0, ...durations);
  const percentiles = [0.5, 0.95, 0.99].map((share) => {
    let left = Math.ceil(durations.length * share);
    const index = counts.findIndex((count) => (left -= count) <= 0);
    return Math.min(2 ** -7 * 2 ** (index / 8), max);
  });
  return [...percentiles, max];
}

Deno.test("3.4 a duration counts the same, whatever came before it", () => {
  const start = fc.oneof(
    fc.constantFrom(0, 2 ** -7, 2 ** -3, 1, 8, 2 ** 29, 1e12),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
  );
  // Durations come in runs of equal and close ones, and jump.
  const run = fc.tuple(
    start,
    fc.array(fc.double({ min: 0.7, max: 1.3, noNaN: true }), { maxLength: 20 }),
    fc.nat(5),
  ).map(([first, factors, repeats]) => [
    ...factors.map((factor) => first * factor),
    ...new Array<number>(repeats).fill(first),
  ]);
  fc.assert(
    fc.property(
      fc.array(run, { minLength: 1, maxLength: 20 }).map((runs) => runs.flat())
        .filter((durations) => durations.length > 0),
      (durations) => {
        const { p50, p95, p99, max } = histogramOf(durations).summary();
        assertEquals([p50, p95, p99, max], referenceOf(durations));
      },
    ),
    { numRuns: 500 },
  );
});
