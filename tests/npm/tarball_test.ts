import { assertEquals } from "@std/assert";
import { list } from "tar";
import { writeTarball } from "./tarball.ts";

async function withTempDir(use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The same two files, made in an order, at a time and with a mode of their own. */
async function pack(
  parent: string,
  names: readonly string[],
  modified: Date,
  mode: number,
): Promise<Uint8Array> {
  await Deno.mkdir(`${parent}/package/src`, { recursive: true });
  for (const name of names) {
    const path = `${parent}/package/${name}`;
    await Deno.writeTextFile(path, name);
    await Deno.utime(path, modified, modified);
    await Deno.chmod(path, mode);
  }
  await writeTarball(parent, `${parent}/it.tgz`);
  return await Deno.readFile(`${parent}/it.tgz`);
}

Deno.test("a tarball says nothing of when and where it was packed", async () => {
  await withTempDir(async (first) => {
    await withTempDir(async (second) => {
      assertEquals(
        await pack(first, ["b.js", "src/a.js"], new Date(0), 0o600),
        await pack(second, ["src/a.js", "b.js"], new Date(2e12), 0o664),
      );
    });
  });
});

Deno.test("a tarball has the files in order of their names, below package", async () => {
  await withTempDir(async (folder) => {
    await pack(folder, ["b.js", "src/a.js", "a.js"], new Date(0), 0o644);
    const paths: string[] = [];
    await list({
      file: `${folder}/it.tgz`,
      onReadEntry: (entry) => void paths.push(entry.path),
    });
    assertEquals(paths, ["package/a.js", "package/b.js", "package/src/a.js"]);
  });
});
