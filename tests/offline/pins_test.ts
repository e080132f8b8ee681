/** Facts that have to be written in two places agree. */
import { assert, assertEquals, assertExists } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import importMap from "./import_map.json" with { type: "json" };

const root = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, root));

async function filesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, root))
  ) {
    if (isDirectory) paths.push(...await filesBelow(`${folder}${name}/`));
    else paths.push(`${folder}${name}`);
  }
  return paths;
}

Deno.test("the offline import map pins the npm packages of deno.json", () => {
  const pinned = Object.entries(importMap.imports)
    .map(([name, address]) =>
      [
        name.replace(/\/$/, ""),
        address.replace(/^npm:\//, "npm:").replace(/\/$/, ""),
      ] as const
    )
    .filter(([, address]) => address.startsWith("npm:"));
  const expected = Object.entries(config.imports)
    .filter(([, address]) => address.startsWith("npm:"));
  assertEquals(Object.fromEntries(pinned), Object.fromEntries(expected));
});

Deno.test("the offline import map has every @std module in use", async () => {
  const files = ["mod.ts", "README.md"];
  for (const folder of ["src/", "tests/", "examples/"]) {
    files.push(...await filesBelow(folder));
  }
  const used = new Set<string>();
  for (const file of files.filter((path) => /\.(ts|md)$/.test(path))) {
    for (const [, name] of (await read(file)).matchAll(/from "(@std\/.+?)"/g)) {
      if (name !== undefined) used.add(name);
    }
  }
  assert(used.has("@std/assert"), "the search found nothing");
  const missing = [...used].filter((name) => !(name in importMap.imports));
  assertEquals(missing, []);
});

Deno.test("README.md and .ci/run name the same Deno", async () => {
  const version = (await read(".ci/run")).match(/version=([\d.]+)/)?.[1];
  assertExists(version);
  const named = (await read("README.md")).matchAll(/deno@(\d[\d.]*\d)/g);
  assertEquals(new Set([...named].map(([, name]) => name)), new Set([version]));
});
