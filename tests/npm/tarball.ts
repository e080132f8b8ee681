/**
 * Packs a folder the same way every time, whenever and wherever it was built.
 *
 * @module
 */
import { create } from "tar";

/** The date npm gives the files it packs: some tools refuse 1970. */
const MODIFIED = new Date("1985-10-26T08:15:00Z");

/**
 * Packs the folder `package` below `parent`, its files in order of their names.
 *
 * @param parent The folder above, which names in the tarball start from
 * @param file Where the tarball goes
 */
export async function writeTarball(
  parent: string,
  file: string,
): Promise<void> {
  const paths = await filesBelow(parent, "package");
  // Whatever the umask of the checkout was.
  for (const path of paths) await Deno.chmod(`${parent}/${path}`, 0o644);
  await create({
    file,
    cwd: parent,
    gzip: { level: 9 },
    // Neither users nor machine: only what the files are.
    portable: true,
    mtime: MODIFIED,
  }, paths.sort());
}

async function filesBelow(parent: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of Deno.readDir(`${parent}/${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) paths.push(...await filesBelow(parent, path));
    else paths.push(path);
  }
  return paths;
}
