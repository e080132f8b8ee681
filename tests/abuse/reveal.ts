import { inspect } from "node:util";

/** Deep enough for every object of the pool, with the causes of its errors. */
const DEPTH = 12;

/** Every way in which something is shown: by a console, a logger, JSON, or somebody who looks at each of its fields. */
export function reveal(thing: unknown): string {
  const texts = [
    Deno.inspect(thing, { depth: DEPTH, showHidden: true }),
    inspect(thing, { depth: DEPTH, showHidden: true }),
    inspect(thing, { depth: DEPTH, customInspect: false }),
    toText(() => String(thing)),
    toText(() => JSON.stringify(thing)),
    toText(() => Error.prototype.toString.call(thing)),
  ];
  walk(thing, texts, new Set());
  return texts.join("\n");
}

/** What cannot be shown in some way shows nothing. */
function toText(show: () => string | undefined): string {
  try {
    return show() ?? "";
  } catch {
    return "";
  }
}

function walk(thing: unknown, texts: string[], seen: Set<unknown>): void {
  if (typeof thing === "string") texts.push(thing);
  if (typeof thing !== "object" || thing === null || seen.has(thing)) return;
  seen.add(thing);
  if (thing instanceof Map) walk([...thing], texts, seen);
  for (const key of Reflect.ownKeys(thing)) {
    texts.push(String(key));
    walk(Reflect.get(thing, key), texts, seen);
  }
  for (const field of ["message", "stack", "cause", "name", "reason"]) {
    walk(toText(() => String(Reflect.get(thing, field) ?? "")), texts, seen);
  }
}
