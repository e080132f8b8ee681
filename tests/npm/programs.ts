/**
 * The programs of other makers that the checks need.
 *
 * @module
 */
import { manifest } from "./manifest.ts";
import { run } from "./command.ts";

/** The runtimes beside Deno; where a machine has none new enough, npm has this. */
const PINNED = { node: "24.21.0", bun: "1.4.5" } as const;

/**
 * Finds a runtime that the package is for: on the path, else by way of npm.
 *
 * @returns Its path, and the version it says it has
 */
export async function locate(
  name: keyof typeof PINNED,
): Promise<{ path: string; version: string }> {
  const cwd = Deno.cwd();
  const version = await versionOf(name);
  if (version !== undefined && isNewEnough(name, version)) {
    return { path: name, version };
  }
  const wanted = `${name}@${PINNED[name]}`;
  const said = await run("npm", [
    "exec",
    "--yes",
    `--package=${wanted}`,
    "--",
    name,
    "-p",
    "process.execPath",
  ], { cwd });
  const path = said.trim();
  const installed = await versionOf(path);
  if (installed !== PINNED[name]) {
    throw new Error(`npm gave ${path} ${installed} for ${wanted}`);
  }
  return { path, version: installed };
}

/** What a program answers to `--version`, without a `v`; undefined if there is none. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const said = await run(path, ["--version"], { cwd: Deno.cwd() });
    return said.trim().replace(/^v/, "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether a version is at least what the package's `engines` ask for. */
export function isNewEnough(
  name: keyof typeof PINNED,
  version: string,
): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] =
    manifest().engines[name]?.match(/\d+/g)?.map(Number) ?? [];
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
