/**
 * The library as one JavaScript module, the standard library inlined.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { standardLibraryFlags } from "../offline/flags.ts";
import { runDeno } from "./command.ts";
import { ROOT, ROOT_PATH } from "./layout.ts";
import { portableName, portableSourceMap } from "./source_map.ts";

/** The licence of what is inlined asks to be named. */
const NOTICE =
  "/*! Contains parts of @std/async. Copyright the Deno authors. MIT license. */\n";

/** Writes `mod.js` and `mod.js.map`: readable code, as bundlers minify anyway. */
export async function writeBundle(folder: string): Promise<void> {
  await bundle(["--sourcemap=linked", `--outdir=${folder}`]);
  const code = `${folder}/mod.js`;
  await Deno.writeTextFile(
    code,
    withNotice(withPortableHeadings(await Deno.readTextFile(code))),
  );
  const map = `${code}.map`;
  await Deno.writeTextFile(
    map,
    portableSourceMap(await Deno.readTextFile(map), pathToFileURL(map)),
  );
}

/** The same code as small as the bundler makes it. */
export async function minifiedBundle(): Promise<Uint8Array> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await bundle(["--minify", `--output=${file}`]);
    return await Deno.readFile(file);
  } finally {
    await Deno.remove(file);
  }
}

async function bundle(args: readonly string[]): Promise<void> {
  await runDeno([
    "bundle",
    "-q",
    "--platform=browser",
    ...await standardLibraryFlags(),
    ...args,
    "mod.ts",
  ], { cwd: ROOT_PATH });
}

/** The bundler heads each source's code with its path, which leads through a cache for std. */
function withPortableHeadings(code: string): string {
  return code.replace(
    /^\/\/ (\S+\.[jt]s)$/gm,
    (_, path) => `// ${portableName(new URL(path, ROOT).href)}`,
  );
}

/** Above the link to the map, where it shifts no line that the map is about. */
function withNotice(code: string): string {
  const link = code.lastIndexOf("//# sourceMappingURL=");
  if (link === -1) throw new Error("The bundle has no link to its source map");
  return code.slice(0, link) + NOTICE + code.slice(link);
}
