import { assertEquals } from "@std/assert";
import { readJunit } from "./junit.ts";

Deno.test("readJunit takes each case's outcome from the reports of three runners", () => {
  const deno = `<testsuites name="deno test" tests="2">
    <testsuite name="./a.ts" tests="2">
      <testcase name="one &quot;quoted&quot;" classname="./a.ts" time="0.035">
      </testcase>
      <testcase name="two" classname="./a.ts"><skipped/></testcase>
    </testsuite></testsuites>`;
  const node = `<testsuites>
	<testcase name="one" time="0.001" file="/a.ts"/>
	<testcase name="two" failure="1 &lt; 2&#10;"><failure type="t" message="1 > 2">
[Error: 1 &lt; 2]
		</failure></testcase></testsuites>`;
  const bun = `<testsuite name="a.ts"><testcase name="F2 &amp; F3" line="3" />
    <testcase name="two" line="4"><skipped /></testcase></testsuite>`;
  assertEquals(readJunit(deno), [
    { title: 'one "quoted"', outcome: "passed" },
    { title: "two", outcome: "skipped" },
  ]);
  assertEquals(readJunit(node), [
    { title: "one", outcome: "passed" },
    { title: "two", outcome: "failed", failure: "[Error: 1 < 2]" },
  ]);
  assertEquals(readJunit(bun), [
    { title: "F2 & F3", outcome: "passed" },
    { title: "two", outcome: "skipped" },
  ]);
  assertEquals(readJunit(""), []);
});
