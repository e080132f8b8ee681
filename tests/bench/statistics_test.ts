import { assertEquals, assertThrows } from "@std/assert";
import { median, paired, spreadOf } from "./statistics.ts";

Deno.test("bench: the median is the middle, or the mean of the two", () => {
  assertEquals(median([3]), 3);
  assertEquals(median([10, 9, 2]), 9);
  assertEquals(median([4, 1, 10, 2]), 3);
  assertThrows(() => median([]), RangeError);
});

Deno.test("bench: a spread has the extremes too, and leaves the values as they are", () => {
  const values = [100, 9, 20];
  assertEquals(spreadOf(values), { median: 20, min: 9, max: 100 });
  assertEquals(values, [100, 9, 20]);
});

Deno.test("bench: ratios are taken round by round, not of the medians", () => {
  // The third round was slow for both: of the medians, the ratio would be 3.
  const ratios = paired([10, 30, 40], [10, 10, 20], (one, two) => one / two);
  assertEquals(ratios, [1, 3, 2]);
  assertEquals(median(ratios), 2);
  assertEquals(paired([1, 2, 3], [1], (one, two) => one - two), [0]);
});
