/**
 * Runs `deno publish --dry-run`, slow types included, with or without JSR.
 *
 * The command resolves `jsr:` imports whatever the import map says. Without JSR
 * it therefore gets a copy of the published files in a temporary folder, whose
 * configuration maps the standard library to its copy on npm.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import importMap from "./import_map.json" with { type: "json" };
import { standardLibrary } from "./flags.ts";

const DRY_RUN = ["publish", "--dry-run", "--allow-dirty"];

async function deno(args: string[], folder: string): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: folder });
  const { code } = await command.spawn().status;
  return code;
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

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copy(`${from}/${name}`, `${to}/${name}`);
  }
}

async function dryRunOfCopy(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "publish-" });
  try {
    for (const name of config.publish.include) {
      await copy(name, `${folder}/${name}`);
    }
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ ...config, imports: npmImports() }),
    );
    // The copy on npm has no types. Those of this package have been checked
    // with the typed re-exports; what is left to check is their speed.
    return await deno([...DRY_RUN, "--no-check"], folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.exit(
  await standardLibrary() === "jsr"
    ? await deno(DRY_RUN, ".")
    : await dryRunOfCopy(),
);
