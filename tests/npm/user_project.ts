/**
 * A user's project in a folder of its own, with the package installed.
 *
 * @module
 */
import { run } from "./command.ts";
import { installWithNpm } from "./install.ts";

const SOURCE = new URL("project/", import.meta.url);

/**
 * Copies the project, and installs its tools and the package.
 *
 * @param tarball The package
 * @param folder An empty folder
 */
export async function makeProject(
  tarball: string,
  folder: string,
): Promise<void> {
  for await (const { name } of Deno.readDir(SOURCE)) {
    await Deno.copyFile(new URL(name, SOURCE), `${folder}/${name}`);
  }
  await run("npm", ["install", "--ignore-scripts"], { cwd: folder });
  await installWithNpm(tarball, folder);
}
