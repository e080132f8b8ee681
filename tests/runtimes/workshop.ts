/**
 * What the runtimes are given: the npm package, and projects that installed it.
 *
 * @module
 */

import { exists } from "./exists.ts";
import { run } from "../npm/command.ts";
import { DIST, packageFolder, ROOT_PATH, tarballPath } from "../npm/layout.ts";
import { buildPackage } from "../npm/package.ts";

/** Everything the task makes and downloads; git ignores it. */
export const CACHE = `${DIST}/runtimes`;

/** The cases as they stand in the repository. */
export const CASES = `${ROOT_PATH}tests/runtimes/cases`;

const NPM = ["--no-audit", "--no-fund", "--loglevel=error"];

/** The files of the cases, without the folder. */
export function caseFiles(): string[] {
  return Array.from(Deno.readDirSync(CASES))
    .filter(({ isFile }) => isFile).map(({ name }) => name).sort();
}

/** The npm package of this tree, as a folder and as a tarball. */
export interface Package {
  readonly folder: string;
  readonly tarball: string;
}

/** Builds the package, beside whatever `deno task npm` has made. */
export async function makePackage(): Promise<Package> {
  await buildPackage(`${CACHE}/build`);
  return {
    folder: packageFolder(`${CACHE}/build`),
    tarball: tarballPath(`${CACHE}/build`),
  };
}

/**
 * A project as a user has it: an empty folder, the package installed from its
 * tarball, the cases and examples copied to it.
 *
 * @returns Its folder
 */
export async function makeProject(
  name: string,
  install: (folder: string) => Promise<unknown>,
): Promise<string> {
  const folder = `${CACHE}/${name}`;
  if (await exists(folder)) await Deno.remove(folder, { recursive: true });
  await Deno.mkdir(folder, { recursive: true });
  const manifest = { name, private: true, type: "module" };
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(manifest));
  await install(folder);
  await copyFolder(CASES, `${folder}/cases`);
  for (const runtime of ["node", "bun"]) {
    await copyFolder(`${ROOT_PATH}examples/${runtime}`, `${folder}/${runtime}`);
  }
  return folder;
}

/** Installs into a project with npm. */
export function npmInstall(folder: string, what: string): Promise<string> {
  return run("npm", ["install", ...NPM, what], { cwd: folder });
}

/**
 * The path of a runtime that comes as an npm package, in exactly that version:
 * the one of the machine if it is that, else one installed into the cache.
 */
export async function executable(
  name: "node" | "bun",
  version: string,
): Promise<string> {
  const folder = `${CACHE}/${name}-${version}`;
  const installed = `${folder}/node_modules/.bin/${name}`;
  for (const path of [name, installed]) {
    if (await versionOf(path) === version) return path;
  }
  await Deno.mkdir(folder, { recursive: true });
  const args = ["install", ...NPM, "--prefix", folder, `${name}@${version}`];
  await run("npm", args, { cwd: folder });
  const found = await versionOf(installed);
  if (found === version) return installed;
  throw new Error(`npm package ${name}@${version} brought version ${found}`);
}

/** Without the `v` that Node puts before it; nothing where there is no such program. */
async function versionOf(path: string): Promise<string | undefined> {
  try {
    const text = await run(path, ["--version"], { cwd: ROOT_PATH });
    return text.trim().replace(/^v/, "");
  } catch {
    return undefined;
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
