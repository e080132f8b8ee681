import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Histogram } from "../../src/stats.ts";

/** A step between two buckets, of 16 for each doubling; the rest is rounding. */
const ERROR = 1 / 16 + 1e-9;
/** Where buckets have become as narrow as they get, in ms: below, the error is their width. */
const NARROWEST = 2 ** -7;

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

Deno.test("3.4 a percentile is at most 6.25 %, or 8 µs, above the true one, and max exact", () => {
  const duration = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 1, max: 100, noNaN: true }),
    fc.double({ min: 100, max: 3e7, noNaN: true }),
    fc.integer({ min: -9, max: 24 }).map((exponent) => 2 ** exponent),
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
          const most = Math.max(exact * (1 + ERROR), exact + NARROWEST);
          assert(found <= most, `${found} > ${most}`);
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
  assertEquals(histogramOf([-Infinity, -3, -1e300]).summary().max, 0);
  const { p50, max } = histogramOf([1e300, Infinity, 1e300]).summary();
  assert(p50 > 3e7, String(p50));
  assertEquals(max, Infinity);
});

Deno.test("3.4 a summary changes nothing, and what comes after it counts on", () => {
  const histogram = new Histogram();
  const durations = [3, 3, 0, 5, 5, 5, 3];
  for (const duration of durations) {
    histogram.add(duration);
    assertEquals(histogram.summary(), histogram.summary());
  }
  assertEquals(histogram.summary(), histogramOf(durations).summary());
});

/** Where the bucket of a duration ends, found by walking over all of them : never, for the last one. */
function edgeAbove(duration: number): number {
  let edge = NARROWEST;
  // 16 buckets of one width, then 16 of each width that is twice the one before.
  for (let index = 1; edge <= duration && edge < 2 ** 25; index++) {
    edge += NARROWEST * 2 ** Math.max(0, Math.floor(index / 16) - 1);
  }
  return edge < 2 ** 25 ? edge : Infinity;
}

/** Counts each duration by itself, with no memory of the one before. */
function referenceOf(durations: readonly number[]): number[] {
  const max = Math.max(0, ...durations);
  const edges = durations.map(edgeAbove).toSorted((a, b) => a - b);
  const percentiles = [0.5, 0.95, 0.99].map((share) =>
    Math.min(edges[Math.ceil(edges.length * share) - 1] ?? 0, max)
  );
  return [...percentiles, max];
}

Deno.test("3.4 a duration counts the same, whatever came before it", () => {
  const start = fc.oneof(
    fc.constantFrom(0, 2 ** -7, 2 ** -3, 1, 8, 2 ** 25, 2 ** 25 - 1, 1e12),
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
