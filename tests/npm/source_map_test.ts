import { assertEquals, assertThrows } from "@std/assert";
import { ROOT } from "./layout.ts";
import { portableSourceMap } from "./source_map.ts";

const ADDRESS = new URL("dist/package/mod.js.map", ROOT);

function named(source: string): string {
  const map = { version: 3, sources: [source], sourcesContent: ["x"] };
  return JSON.parse(portableSourceMap(JSON.stringify(map), ADDRESS)).sources[0];
}

Deno.test("a source map names the library's sources from the root", () => {
  assertEquals(named("../../src/io/socket.ts"), "src/io/socket.ts");
});

Deno.test("a source map names std alike, from JSR and from a cache of npm", () => {
  assertEquals(
    named("https://jsr.example/@std/async/1.5.0/deadline.ts"),
    "@std/async/deadline.ts",
  );
  assertEquals(
    named("../../../home/cache/npm/host/deno-std/1.4.0/async/pool.js"),
    "@std/async/pool.js",
  );
});

Deno.test("a source map of anything else is refused: it would be shipped", () => {
  assertThrows(
    () => named("../../../home/cache/npm/host/left-pad/1.0.0/index.js"),
    Error,
    "code of unknown origin",
  );
});

Deno.test("a source map without the sources themselves is refused", () => {
  const map = { version: 3, sources: ["a.ts", "b.ts"], sourcesContent: ["x"] };
  assertThrows(
    () => portableSourceMap(JSON.stringify(map), ADDRESS),
    Error,
    "lacks the text of b.ts",
  );
});

Deno.test("the rest of a source map is kept", () => {
  const map = {
    version: 3,
    sources: ["../../mod.ts"],
    sourcesContent: ["x"],
    mappings: "AAAA",
    names: ["n"],
  };
  assertEquals(
    JSON.parse(portableSourceMap(JSON.stringify(map), ADDRESS)),
    { ...map, sources: ["mod.ts"] },
  );
});
