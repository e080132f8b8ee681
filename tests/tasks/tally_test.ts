import { assertEquals, assertThrows } from "@std/assert";
import { readTally } from "./tally.ts";

Deno.test("readTally adds up the totals of a report", () => {
  const report = `<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="deno test" tests="9" failures="2" errors="1" time="0.1">
      <testsuite name="a" tests="5" disabled="1" errors="1" failures="2">
      <testsuite name="b" tests="4" disabled="2" errors="0" failures="0">`;
  assertEquals(readTally(report), { passed: 3, failed: 3, skipped: 3 });
});

Deno.test("readTally does not take nothing for a pass", () => {
  const nothing =
    `<testsuites name="deno test" tests="1" failures="0" errors="0">
      <testsuite name="a" tests="1" disabled="1" errors="0" failures="0">`;
  assertThrows(() => readTally(nothing), Error, "No test ran");
  assertThrows(() => readTally(""), Error, 'no number of "tests"');
});
