import { assertEquals } from "@std/assert";
import type { Report } from "./result.ts";
import { complaints, table, total } from "./verdict.ts";

const passed = { title: "a", outcome: "passed" } as const;
const skipped = { title: "b", outcome: "skipped" } as const;
const report: Report = {
  title: "Deno",
  version: "2.9.6",
  cases: [passed, skipped],
  examples: [],
  seconds: 1.25,
};
const broken: Report = {
  ...report,
  title: "Bun, npm package",
  cases: [{ title: "a", outcome: "failed", failure: "1 is not 2" }],
  examples: [{ title: "latency.ts", outcome: "passed" }],
};

Deno.test("the table has a line for each runtime, those that did not run included", () => {
  const lines = table([report, broken], [{
    title: "Chromium",
    reason: "there is none",
  }]).split("\n");
  assertEquals(lines, [
    "runtime           version  passed  failed  skipped   time",
    "Deno              2.9.6         1       0        1  1.3 s",
    "Bun, npm package  2.9.6         1       1        0  1.3 s",
    "Chromium  NOT RUN: there is none",
  ]);
  assertEquals(total([report, broken]), "2 passed, 1 failed, 1 skipped");
});

Deno.test("a failure, a case that did not run, one that ran twice and no case at all are complaints", () => {
  assertEquals(complaints([report]), []);
  assertEquals(complaints([report, broken]), [
    "Bun, npm package: a\n1 is not 2",
    "Bun, npm package: b\nit did not run",
    "Bun, npm package: nothing passed",
  ]);
  assertEquals(complaints([{ ...report, cases: [passed, passed] }]), [
    "Deno: a\nthere are two of that title",
  ]);
  assertEquals(complaints([{ ...report, cases: [] }]), [
    "Deno: nothing passed",
  ]);
});
