import { assertEquals, assertThrows } from "@std/assert";
import { median, mediansOf, paired, spreadOf, zip } from "./statistics.ts";

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

Deno.test("bench: ratios are taken turn by turn, not of the medians", () => {
  // The third turn was slow for both: of the medians, the ratio would be 3.
  const divide = (one: number, two: number) => one / two;
  const ratios = paired([[10, 30, 40], [7]], [[10, 10, 20], [14]], divide);
  assertEquals(ratios, [2, 0.5]);
  assertEquals(mediansOf([[10, 30, 40], [7]]), [30, 7]);
});

Deno.test("bench: what one contestant did not measure is no pair of the other's", () => {
  const subtract = (one: number, two: number) => one - two;
  assertEquals(paired([[1, 2, 9], [3]], [[1]], subtract), [0]);
  assertEquals(zip([5, 7], [1, 2, 3], subtract), [4, 5]);
});
