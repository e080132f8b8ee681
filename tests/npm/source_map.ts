/**
 * Makes what the bundler says of its sources fit for other machines: the map
 * carries them, and they are named without the paths of the machine that built
 * it.
 *
 * @module
 */
import { ROOT } from "./layout.ts";

/** The part of a source map that is looked at; the rest is kept as it is. */
interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

/**
 * Names the sources anew.
 *
 * @param text The map, as JSON
 * @param address Where the map lies, which its sources are relative to
 * @returns The map with names like `src/pool.ts` and `@std/async/deadline.ts`
 * @throws {Error} If a source is missing, or of unknown origin
 */
export function portableSourceMap(text: string, address: URL): string {
  const map: SourceMap = JSON.parse(text);
  const missing = map.sources.filter((_, index) =>
    typeof map.sourcesContent?.[index] !== "string"
  );
  if (missing.length > 0) {
    throw new Error(`The source map lacks the text of ${missing.join(", ")}`);
  }
  const sources = map.sources.map((source) =>
    portableName(new URL(source, address).href)
  );
  return JSON.stringify({ ...map, sources });
}

/** The standard library lies in a cache (npm) or at an address (JSR). */
const STANDARD_ASYNC = /\/(?:deno-std\/[^/]+\/async|@std\/async\/[^/]+)\/(.+)$/;

/**
 * Names a source the same on every machine.
 *
 * @param href Where the source was read from
 * @returns A path from the root, or `@std/async/…`
 * @throws {Error} If it is neither: nothing else belongs into the package
 */
export function portableName(href: string): string {
  if (href.startsWith(ROOT.href)) return href.slice(ROOT.href.length);
  const name = href.match(STANDARD_ASYNC)?.[1];
  if (name !== undefined) return `@std/async/${name}`;
  throw new Error(`The bundle has code of unknown origin: ${href}`);
}
