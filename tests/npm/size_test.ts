import { assert, assertEquals } from "@std/assert";
import { bytes, CEILING, describeSize, excess, GOAL, measure } from "./size.ts";

Deno.test("a size at its goal meets it, one byte more misses it by one", () => {
  assertEquals(describeSize({ ...GOAL, gzip: GOAL.gzip + 1 }), [
    "minified 40 000 B; goal 40 000 B: met",
    "gzip     13 001 B; goal 13 000 B: missed by 1 B",
    "brotli   13 000 B; goal 13 000 B: met",
  ]);
});

Deno.test("a size at the ceiling passes, one byte more does not", () => {
  assertEquals(excess(CEILING), []);
  assertEquals(excess({ ...CEILING, minified: CEILING.minified + 1 }), [
    `minified: ${bytes(CEILING.minified + 1)} are more than ${
      bytes(CEILING.minified)
    }`,
  ]);
});

Deno.test("sizes are those of the code, as it is and compressed", () => {
  const code = new TextEncoder().encode("0123456789".repeat(1_000));
  const { minified, gzip, brotli } = measure(code);
  assertEquals(minified, 10_000);
  assert(gzip > 20 && gzip < 100, `${gzip}`);
  assert(brotli > 10 && brotli < 100, `${brotli}`);
});

Deno.test("bytes are grouped by thousands", () => {
  assertEquals([7, 1_234, 12_345, 1_234_567].map(bytes), [
    "7 B",
    "1 234 B",
    "12 345 B",
    "1 234 567 B",
  ]);
});
