import { SECRET } from "./dialect.ts";

/** How deep causes and statistics hang in an error. */
const DEEPEST = 4;

/** Where something that is shown to users holds a secret; undefined if nowhere. */
export function findSecret(thing: unknown, depth = 0): string | undefined {
  if (typeof thing === "string") {
    const at = thing.indexOf(SECRET);
    return at < 0 ? undefined : thing.slice(Math.max(0, at - 60), at + 20);
  }
  if (typeof thing !== "object" || thing === null || depth > DEEPEST) {
    return undefined;
  }
  if (thing instanceof Error) {
    const texts = [thing.message, thing.stack, thing.cause];
    return firstOf(texts, depth) ?? firstOf(Object.values(thing), depth);
  }
  if (thing instanceof Map) return firstOf(thing.keys(), depth);
  return firstOf(Object.values(thing), depth);
}

/** The same, by the runtime's own way of showing things. */
export function findInspected(thing: unknown): string | undefined {
  return findSecret(Deno.inspect(thing, { depth: 8, showHidden: true }));
}

function firstOf(things: Iterable<unknown>, depth: number): string | undefined {
  for (const thing of things) {
    const found = findSecret(thing, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
