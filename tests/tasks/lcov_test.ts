import { assertEquals, assertThrows } from "@std/assert";
import { percent, ranges, readLcov, total } from "./lcov.ts";

const REPORT = `SF:/src/a.ts
FN:1,f
FNDA:0,f
FNF:1
FNH:0
BRDA:3,1,0,4
BRDA:3,1,1,0
BRDA:9,2,0,-
BRF:3
BRH:1
DA:1,1
DA:2,12
DA:3,0
DA:9,0
DA:10,0
LH:2
LF:5
end_of_record
SF:/src/b.ts
DA:1,1
LH:1
LF:1
end_of_record
`;

Deno.test("readLcov says what of each file was reached, and which lines and branches were not", () => {
  assertEquals(readLcov(REPORT), [
    {
      path: "/src/a.ts",
      lines: { reached: 2, total: 5 },
      branches: { reached: 1, total: 3 },
      missedLines: [3, 9, 10],
      missedBranches: [3, 9],
    },
    {
      path: "/src/b.ts",
      lines: { reached: 1, total: 1 },
      branches: { reached: 0, total: 0 },
      missedLines: [],
      missedBranches: [],
    },
  ]);
  assertEquals(readLcov(""), []);
});

Deno.test("readLcov takes nothing it does not understand for covered", () => {
  for (const line of ["DA:1", "DA:1,x", "DA:,1", "BRDA:1,0,0,", "DA:1,-1"]) {
    const report = `SF:/src/a.ts\n${line}\nend_of_record\n`;
    assertThrows(() => readLcov(report), Error, `Cannot read "${line}"`);
  }
  assertThrows(() => readLcov("DA:1,1\nend_of_record"), Error, "has no file");
});

Deno.test("percent and total add shares up by their sizes, not by their percentages", () => {
  const shares = [{ reached: 1, total: 1 }, { reached: 0, total: 3 }];
  assertEquals(total(shares), { reached: 1, total: 4 });
  assertEquals(percent(total(shares)), 25);
  assertEquals(percent(total([])), 100);
});

Deno.test("ranges writes numbers in a row as one", () => {
  assertEquals(ranges([]), "");
  assertEquals(ranges([4]), "4");
  assertEquals(ranges([1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
});
