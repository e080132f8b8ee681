import { assertEquals } from "@std/assert";
import { mostAtOnce } from "./overlap.ts";

Deno.test("mostAtOnce counts what overlaps, whatever the order", () => {
  assertEquals(mostAtOnce([]), 0);
  assertEquals(mostAtOnce([{ from: 0, to: 1 }, { from: 2, to: 3 }]), 1);
  assertEquals(mostAtOnce([{ from: 2, to: 4 }, { from: 0, to: 3 }]), 2);
  const nested = [
    { from: 0, to: 9 },
    { from: 1, to: 4 },
    { from: 2, to: 3 },
    { from: 5, to: 8 },
    { from: 6, to: 7 },
  ];
  assertEquals(mostAtOnce(nested), 3);
});
