import { assertEquals, assertFalse } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { manifest } from "./manifest.ts";

Deno.test("package.json says what deno.json says, and asks for nothing", () => {
  const { name, version, license, type, sideEffects, ...rest } = manifest();
  assertEquals(
    { name, version, license },
    { name: config.name, version: config.version, license: config.license },
  );
  assertEquals([type, sideEffects], ["module", false]);
  for (const asks of ["dependencies", "peerDependencies", "scripts"]) {
    assertFalse(asks in rest, asks);
  }
});

Deno.test("TypeScript finds the types before the code", () => {
  const entry = manifest().exports["."];
  assertEquals(Object.keys(entry), ["types", "default"]);
});
