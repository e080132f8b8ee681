/**
 * The declarations of the public names, as `deno pack` makes them: what is
 * private is not in them, so they need no file that is not published.
 *
 * @module
 */
import { extract } from "tar";
import { withNpmCopy } from "../offline/npm_copy.ts";
import { runDeno } from "./command.ts";

/** `Symbol.dispose` and its kin, for projects whose `lib` is older. */
const REFERENCES = '/// <reference lib="esnext.disposable" />\n';

/** Writes `mod.d.ts` and the declarations it imports. */
export async function writeDeclarations(folder: string): Promise<void> {
  await withNpmCopy(async (copy) => {
    const packed = `${copy}/packed.tgz`;
    await runDeno(["pack", "-q", "--allow-dirty", `--output=${packed}`], {
      cwd: copy,
    });
    await extract({
      file: packed,
      cwd: folder,
      strip: 1,
      filter: (path) => path.endsWith(".d.ts"),
    });
  });
  const entry = `${folder}/mod.d.ts`;
  // A reference counts only before everything else in a file.
  await Deno.writeTextFile(
    entry,
    REFERENCES + await Deno.readTextFile(entry),
  );
}
