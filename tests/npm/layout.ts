/**
 * Where the build of the npm package reads and writes.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

/** The root of the repository, with a slash at its end. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** The same as a path, to run commands in. */
export const ROOT_PATH: string = fileURLToPath(ROOT);

/** What `deno task npm` makes; git ignores it. */
export const DIST: string = fileURLToPath(new URL("dist", ROOT));

/** The package as a folder, in the folder a build was given. */
export function packageFolder(dist: string): string {
  return `${dist}/package`;
}

/** The package as npm names it when it packs: `jetsocket-pool-1.2.3.tgz`. */
export function tarballPath(dist: string): string {
  const name = config.name.replace(/^@/, "").replace("/", "-");
  return `${dist}/${name}-${config.version}.tgz`;
}
