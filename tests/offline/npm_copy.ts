/**
 * A copy of the published files whose configuration maps the standard library
 * to its copy on npm, for the commands of Deno that resolve `jsr:` imports
 * whatever the import map says.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import importMap from "./import_map.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

/**
 * Makes the copy in a temporary folder, which goes when the function settles.
 *
 * @param use Gets the folder's path
 */
export async function withNpmCopy<T>(
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "published-" });
  try {
    for (const name of config.publish.include) {
      await copy(new URL(name, ROOT), `${folder}/${name}`);
    }
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ ...config, imports: npmImports() }),
    );
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The library's own imports, at the address of their JavaScript on npm. */
function npmImports(): Record<string, string> {
  const names = Object.keys(importMap.imports)
    .filter((name) => name.startsWith("@std/async/"));
  return Object.fromEntries(names.map((name) => [
    name,
    `${config.imports["deno-std"]}/${name.slice("@std/".length)}.js`,
  ]));
}

async function copy(from: URL, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copy(new URL(`${from}/${name}`), `${to}/${name}`);
  }
}
