/**
 * Builds the npm package: a folder and its tarball.
 *
 * @module
 */
import { writeBundle } from "./bundle.ts";
import { writeDeclarations } from "./declarations.ts";
import { packageFolder, ROOT, tarballPath } from "./layout.ts";
import { manifest } from "./manifest.ts";
import { writeTarball } from "./tarball.ts";

/** What is taken as it stands. */
const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md"];

/**
 * Builds both anew; the same sources give the same bytes.
 *
 * @param dist The folder they go to, made if there is none
 */
export async function buildPackage(dist: string): Promise<void> {
  const folder = packageFolder(dist);
  await removeIfPresent(folder);
  await Deno.mkdir(folder, { recursive: true });
  await Promise.all([
    writeBundle(folder),
    writeDeclarations(folder),
    Deno.writeTextFile(
      `${folder}/package.json`,
      JSON.stringify(manifest(), null, 2) + "\n",
    ),
    ...DOCUMENTS.map((name) =>
      Deno.copyFile(new URL(name, ROOT), `${folder}/${name}`)
    ),
  ]);
  await writeTarball(dist, tarballPath(dist));
}

async function removeIfPresent(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
