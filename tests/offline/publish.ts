/**
 * Runs `deno publish --dry-run`, slow types included, with or without JSR.
 *
 * The command resolves `jsr:` imports whatever the import map says. Without JSR
 * it therefore gets a copy that needs none.
 *
 * @module
 */
import { standardLibrary } from "./flags.ts";
import { withNpmCopy } from "./npm_copy.ts";

const DRY_RUN = ["publish", "--dry-run", "--allow-dirty"];

async function deno(args: string[], folder: string): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: folder });
  const { code } = await command.spawn().status;
  return code;
}

Deno.exit(
  await standardLibrary() === "jsr"
    ? await deno(DRY_RUN, ".")
    // The copy of std on npm has no types. Those of this package have been
    // checked with the typed re-exports; what is left to check is their speed.
    : await withNpmCopy((folder) => deno([...DRY_RUN, "--no-check"], folder)),
);
