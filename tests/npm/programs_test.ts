import { assertEquals } from "@std/assert";
import { isNewEnough } from "./programs.ts";

Deno.test("a runtime is new enough from the version in engines on", () => {
  assertEquals(
    ["20.20.2", "23.21.0", "24.16.0", "24.17.0", "26.1.0"].map((version) =>
      isNewEnough("node", version)
    ),
    [false, false, false, true, true],
  );
  assertEquals(
    ["0.9.9", "1.3.9", "1.4.0", "1.10.0", "2.0.0"].map((version) =>
      isNewEnough("bun", version)
    ),
    [false, false, true, true, true],
  );
});
