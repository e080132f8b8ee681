/**
 * Installs the tarball as a user does, where no registry answers: what it needs
 * is in it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { run } from "./command.ts";

/** Nothing listens here, and a cache that is empty helps nobody out. */
function offline(folder: string): Record<string, string> {
  const registry = "http://127.0.0.1:1";
  return {
    npm_config_registry: registry,
    npm_config_cache: `${folder}/.cache-npm`,
    npm_config_fetch_retries: "0",
    BUN_CONFIG_REGISTRY: registry,
    BUN_INSTALL_CACHE_DIR: `${folder}/.cache-bun`,
  };
}

/** `npm i ./x.tgz` in this folder. */
export async function installWithNpm(
  tarball: string,
  folder: string,
): Promise<void> {
  await run("npm", ["install", tarball], {
    cwd: folder,
    env: offline(folder),
  });
}

/** `bun add ./x.tgz` in this folder. */
export async function installWithBun(
  bun: string,
  tarball: string,
  folder: string,
): Promise<void> {
  await run(bun, ["add", tarball], { cwd: folder, env: offline(folder) });
}

/** Asserts that the package is installed, and nothing else. */
export async function checkInstalled(folder: string): Promise<void> {
  const [scope = "", name = ""] = config.name.split("/");
  assertEquals(await visibleNames(`${folder}/node_modules`), [scope]);
  assertEquals(await visibleNames(`${folder}/node_modules/${scope}`), [name]);
}

async function visibleNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith(".")) names.push(name);
  }
  return names;
}
