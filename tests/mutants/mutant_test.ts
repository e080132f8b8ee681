import { assertEquals, assertThrows } from "@std/assert";
import { sow } from "./mutant.ts";

const mutant = {
  name: "m",
  file: "src/a.ts",
  find: "a < b",
  replacement: "a <= b",
  breaks: "nothing",
};

Deno.test("a mutant replaces its text and leaves the rest, whatever the replacement holds", () => {
  assertEquals(sow(mutant, "if (a < b) c();"), "if (a <= b) c();");
  const dollar = { ...mutant, replacement: "$& $1" };
  assertEquals(sow(dollar, "if (a < b) c();"), "if ($& $1) c();");
});

Deno.test("a mutant that has lost its place is an error, not a survivor", () => {
  const text = "its text stands 0 times in src/a.ts";
  assertThrows(() => sow(mutant, "if (b > a) c();"), Error, text);
  assertThrows(() => sow(mutant, "a < b; a < b"), Error, "stands 2 times");
  const idle = { ...mutant, replacement: mutant.find };
  assertThrows(() => sow(idle, "a < b"), Error, "changes nothing");
});
