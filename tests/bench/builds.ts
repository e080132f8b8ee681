import { standardLibraryFlags } from "../offline/flags.ts";

const ROOT = new URL("../../", import.meta.url);
const FOLDER = new URL("dist/bench/", ROOT);

/** What all three runtimes run: one file each, as a user's bundler makes it. */
export interface Builds {
  /** The program of a contestant's process. */
  readonly contestant: string;
  /** The address of the library under test. */
  readonly library: string;
  /** The address of the other one, if there is one. */
  readonly other: string | undefined;
}

export async function build(): Promise<Builds> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const contestant = new URL("contestant.js", FOLDER);
  const library = new URL("pool.js", FOLDER);
  await bundle(new URL("contestant.ts", import.meta.url), contestant);
  await bundle(new URL("mod.ts", ROOT), library);
  return {
    contestant: contestant.pathname,
    library: library.href,
    other: await buildOther(Deno.env.get("POOL_MODULE")),
  };
}

async function buildOther(
  path: string | undefined,
): Promise<string | undefined> {
  if (path === undefined || path === "") return undefined;
  const given = new URL(path, `file://${Deno.cwd()}/`);
  if (!path.endsWith(".ts")) return given.href;
  const other = new URL("other.js", FOLDER);
  await bundle(given, other);
  return other.href;
}

/** Not minified: names stay readable in profiles, and no runtime is faster with short ones. */
async function bundle(entry: URL, output: URL): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=deno",
      ...await standardLibraryFlags(),
      `--output=${output.pathname}`,
      entry.pathname,
    ],
    cwd: ROOT,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}
