import { assertEquals } from "@std/assert";
import { dialShare, tickInterval } from "../../../src/core/limits.ts";
import { LIMITS } from "./script.ts";

Deno.test("4.7 the tick is a tenth of the smaller of idle time and probe interval, from 10 ms to 1 s", () => {
  const table = [
    [300_000, 30_000, 1_000],
    [5_000, 30_000, 500],
    [Infinity, 200, 20],
    [50, Infinity, 10],
    [Infinity, Infinity, 1_000],
  ] as const;
  for (const [maxIdleTime, healthCheckInterval, expected] of table) {
    const limits = { ...LIMITS, maxIdleTime, healthCheckInterval };
    assertEquals(tickInterval(limits), expected);
  }
});

Deno.test("4.3 a key's share of the handshakes is half of them, at least one", () => {
  const table = [[1, 1], [2, 1], [3, 1], [4, 2], [9, 4], [Infinity, Infinity]];
  for (const [maxConnecting = 0, expected = 0] of table) {
    assertEquals(dialShare({ ...LIMITS, maxConnecting }), expected);
  }
});
