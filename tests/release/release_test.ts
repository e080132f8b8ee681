import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { objections, sectionOf } from "./release.ts";

const changelog = `# Changelog

## [1.2.4] - Unreleased

- Something

## [1.2.3] - 2026-11-23

### Fixed

- A thing

## [1.2.2] - 2026-11-01
`;

Deno.test("a tag of the version, with a dated section, is published", () => {
  assertEquals(objections("v1.2.3", { version: "1.2.3", changelog }), []);
  assertEquals(sectionOf({ version: "1.2.3", changelog }), {
    date: "2026-11-23",
    notes: "### Fixed\n\n- A thing",
  });
});

Deno.test("a tag of another version is not", () => {
  for (const tag of ["v1.2.4", "1.2.3", "v1.2.3-rc.1", ""]) {
    assertEquals(objections(tag, { version: "1.2.3", changelog }), [
      `The tag is ${tag}, and deno.json has version 1.2.3.`,
    ]);
  }
});

Deno.test("nor is a version without a date, without words or without a section", () => {
  const of = (version: string) =>
    objections(`v${version}`, { version, changelog });
  assertEquals(of("1.2.4"), [
    'CHANGELOG.md dates 1.2.4 "Unreleased": it must be YYYY-MM-DD.',
  ]);
  assertEquals(of("1.2.2"), ["CHANGELOG.md says nothing of 1.2.2."]);
  assertEquals(of("1.2"), ["CHANGELOG.md has no section for 1.2."]);
});

Deno.test("this version has a section", async () => {
  const text = await Deno.readTextFile(
    new URL("../../CHANGELOG.md", import.meta.url),
  );
  const section = sectionOf({ version: config.version, changelog: text });
  assertEquals(section?.notes === "", false);
});
