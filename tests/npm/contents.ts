/**
 * What is in the package, and what must not be.
 *
 * @module
 */
import { homedir } from "node:os";
import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { packageFolder, ROOT_PATH } from "./layout.ts";

/** Everything but the declarations, which follow the sources. */
const FILES = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "mod.js",
  "mod.js.map",
  "package.json",
];

/** Reads the package folder and asserts what holds for each file. */
export async function checkContents(dist: string): Promise<void> {
  const files = await readAll(packageFolder(dist), "");
  const declarations = [...files.keys()].filter((path) =>
    path.endsWith(".d.ts")
  );
  assertEquals(
    [...files.keys()].filter((path) => !declarations.includes(path)).sort(),
    FILES,
  );
  for (const [path, text] of files) {
    for (const place of [ROOT_PATH, homedir(), "file://"]) {
      assert(!text.includes(place), `${path} names ${place}`);
    }
  }
  checkEntry(files.get("mod.js") ?? "");
  checkMap(files.get("mod.js.map") ?? "");
  const reached = declarationsFrom("mod.d.ts", files);
  assertEquals([...reached].sort(), declarations.sort());
}

function checkEntry(code: string): void {
  // Comments keep their examples, whose lines begin with a space.
  const imports = code.match(/^(?:import\b|(?:export\b|\}).* from ").*/gm);
  assertEquals([imports, code.match(/\bimport\(.*/g)], [null, null]);
  assert(code.endsWith("//# sourceMappingURL=mod.js.map\n"));
}

function checkMap(text: string): void {
  const map: { sources: string[] } = JSON.parse(text);
  const strangers = map.sources.filter((source) =>
    !/^src\/|^@std\/async\//.test(source)
  );
  assertEquals(strangers, []);
  assert(map.sources.includes("src/pool.ts"));
}

/** Follows the imports, all of which must lead to a file of the package. */
function declarationsFrom(
  path: string,
  files: ReadonlyMap<string, string>,
  reached: Set<string> = new Set(),
): Set<string> {
  if (reached.has(path)) return reached;
  const text = files.get(path);
  assert(text !== undefined, `${path} is imported, and not in the package`);
  reached.add(path);
  for (const [, specifier = ""] of text.matchAll(/^.*\bfrom "(.+?)";$/gm)) {
    // In a comment it is an example, which names the package or std.
    if (specifier === config.name || specifier.startsWith("@std/")) continue;
    const { pathname } = new URL(specifier, `file:///${path}`);
    assert(pathname.endsWith(".js"), `${path} imports ${specifier}`);
    declarationsFrom(
      pathname.slice(1).replace(/\.js$/, ".d.ts"),
      files,
      reached,
    );
  }
  return reached;
}

async function readAll(
  root: string,
  folder: string,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
    const path = folder + name;
    if (isDirectory) {
      for (const entry of await readAll(root, `${path}/`)) files.set(...entry);
    } else files.set(path, await Deno.readTextFile(`${root}/${path}`));
  }
  return files;
}
