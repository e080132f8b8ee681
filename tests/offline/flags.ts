/**
 * Decides where this machine gets the standard library from, and prints the
 * flags that tell Deno so:
 *
 *     deno test -A $(deno run -qA --no-config tests/offline/flags.ts)
 *
 * Nothing is printed where `jsr:` imports load: then `deno.json` is all that is
 * needed. Elsewhere it is an import map with typed re-exports of the same
 * library from npm.
 *
 * The environment variable `JETSOCKET_STD` overrides the decision: `jsr` or
 * `npm`. Set it to `jsr` on a machine without a network whose Deno cache holds
 * the packages, and anywhere to save the question.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** Where the standard library comes from. */
export type StandardLibrary = "jsr" | "npm";

/** Names the variable that overrides, and that tasks hand to their children. */
export const VARIABLE = "JETSOCKET_STD";

/** The import map that replaces the `imports` of `deno.json` without JSR. */
export const IMPORT_MAP = "tests/offline/import_map.json";

/** Bounds the question in a network that drops packets instead of refusing. */
const PATIENCE_MS = 2_000;

/** The decision for this process and its children. */
export async function standardLibrary(): Promise<StandardLibrary> {
  return overridden() ?? inherited() ?? await asked();
}

/** The flags for that decision, relative to the root of the repository. */
export async function standardLibraryFlags(): Promise<string[]> {
  return await standardLibrary() === "jsr"
    ? []
    : [`--import-map=${IMPORT_MAP}`];
}

function overridden(): StandardLibrary | undefined {
  const value = Deno.env.get(VARIABLE);
  if (value === undefined || value === "jsr" || value === "npm") return value;
  throw new TypeError(
    `Cannot use ${VARIABLE}="${value}": it must be "jsr" or "npm"`,
  );
}

/**
 * A process that was itself started with or without the flags, such as a test
 * that starts an example, goes on with what it has.
 */
function inherited(): StandardLibrary | undefined {
  let address: string;
  try {
    address = import.meta.resolve("@std/async/deadline");
  } catch {
    return undefined; // Started with --no-config: nothing is mapped yet.
  }
  return address.startsWith("jsr:") ? "jsr" : "npm";
}

/** Lets Deno itself load the smallest package: its cache and mirrors count. */
async function asked(): Promise<StandardLibrary> {
  // In a variable, or Deno would load it together with this module, unbounded.
  const specifier = `${config.imports["@std/async"]}/deadline`;
  const loaded = import(specifier).then(
    (): StandardLibrary => "jsr",
    (): StandardLibrary => "npm",
  );
  const { promise: tooLate, resolve } = Promise.withResolvers<
    StandardLibrary
  >();
  const timer = setTimeout(() => resolve("npm"), PATIENCE_MS);
  try {
    return await Promise.race([loaded, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

if (import.meta.main) {
  console.log((await standardLibraryFlags()).join(" "));
  // A load that is still being waited for must not hold the process.
  Deno.exit(0);
}
