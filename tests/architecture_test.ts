/**
 * Reads the sources, without their comments: what they import, how long they
 * are, and which globals they touch.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** Lines that are neither blank nor comment. */
const MOST_LINES = 300;

interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

interface Source {
  /** From the root of the repository. */
  readonly path: string;
  readonly code: string;
  readonly imports: readonly Import[];
}

/** Blanks out comments and, if wanted, what is inside strings; keeps line breaks. */
function strip(text: string, keepsStrings: boolean): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=[(,=:[!&|?{};\n]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*|`(?:\\.|[^`\\])*`/g;
  return text.replace(token, (found) => {
    if (found.startsWith("//") || found.startsWith("/*")) {
      return found.replace(/[^\n]/g, " ");
    }
    // A template may hold code, which must be seen.
    if (keepsStrings || found.startsWith("`")) return found;
    return '""';
  });
}

function importsOf(path: string, text: string): Import[] {
  const declaration =
    /^(?:import|export)\s+(type\s+)?(?:([\w*\s,]*?\{[^}]*\}|[\w*\s,]+)\s+from\s+)?"([^"]+)";/gm;
  const declared = [...strip(text, true).matchAll(declaration)].map(
    ([, type, names = "", specifier = ""]): Import => ({
      from: path,
      to: resolve(specifier, path),
      isTypeOnly: type !== undefined || namesTypesOnly(names),
    }),
  );
  const dynamic = [...strip(text, true).matchAll(/\bimport\(\s*"([^"]+)"/g)]
    .map(
      ([, specifier = ""]): Import => ({
        from: path,
        to: resolve(specifier, path),
        isTypeOnly: false,
      }),
    );
  return [...declared, ...dynamic];
}

/** `{ type A, type B }`: such an import is erased as a whole. */
function namesTypesOnly(names: string): boolean {
  const list = names.replace(/[{}]/g, "").split(",").map((name) => name.trim())
    .filter((name) => name !== "");
  return list.length > 0 && list.every((name) => name.startsWith("type "));
}

function resolve(specifier: string, importer: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const { href } = new URL(specifier, new URL(importer, ROOT));
  return href.slice(ROOT.href.length);
}

function* pathsBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* pathsBelow(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield folder + name;
  }
}

const sources: readonly Source[] = ["mod.ts", ...pathsBelow("src/")].sort().map(
  (path) => {
    const text = Deno.readTextFileSync(new URL(path, ROOT));
    return {
      path,
      code: strip(text, false),
      imports: importsOf(path, text),
    };
  },
);
const imports = sources.flatMap((source) => source.imports);

/** From the top: a layer imports from itself, where it has several files, and from below. */
const LAYERS = ["mod", "pool", "lease", "io", "base", "core"] as const;
type Layer = typeof LAYERS[number];

function layerOf(path: string): Layer {
  if (path === "mod.ts") return "mod";
  if (path === "src/pool.ts") return "pool";
  if (path === "src/lease.ts") return "lease";
  if (path.startsWith("src/io/")) return "io";
  return path.startsWith("src/core/") ? "core" : "base";
}

function isOwn(path: string): boolean {
  return path === "mod.ts" || path.startsWith("src/");
}

/** The imports that close a circle, as `a -> b`; none if there is no cycle. */
function cyclesIn(edges: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) {
    targets.set(from, [...targets.get(from) ?? [], to]);
  }
  const closing: string[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (path: string) => {
    state.set(path, "open");
    for (const to of targets.get(path) ?? []) {
      if (state.get(to) === "open") closing.push(`${path} -> ${to}`);
      else if (!state.has(to)) visit(to);
    }
    state.set(path, "done");
  };
  for (const path of targets.keys()) if (!state.has(path)) visit(path);
  return closing;
}

/** `path:line` of each match outside of comments and strings. */
function occurrences(pattern: RegExp, except: readonly string[]): string[] {
  return sources.filter(({ path }) => !except.includes(path)).flatMap(
    ({ path, code }) =>
      code.split("\n").flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}`] : []
      ),
  );
}

Deno.test("5 the reader of sources sees what the rules are about", () => {
  const text = [
    'import { a, type B } from "./a.ts";',
    'import { type C } from "./c.ts";',
    'import type { D } from "../mod.ts";',
    "export {",
    "  type E,",
    "  f,",
    '} from "@std/async/pool";',
    "// Deno.serve",
    "/** Deno.serve */ const g = /[\"'`/]/; Deno.exit();",
    'const h = "//"; const i = "Deno.x";',
  ].join("\n");
  assertEquals(
    importsOf("src/x.ts", text).map(({ to, isTypeOnly }) => [to, isTypeOnly]),
    [
      ["src/a.ts", false],
      ["src/c.ts", true],
      ["mod.ts", true],
      ["@std/async/pool", false],
    ],
  );
  const lines = strip(text, false).split("\n");
  assertEquals(lines.length, 10);
  assertEquals(
    lines.flatMap((line, index) => line.includes("Deno.") ? [index] : []),
    [8],
  );
  assertEquals(lines[9], 'const h = ""; const i = "";');
  // Every import line of the sources is understood.
  for (const { path } of sources) {
    const file = Deno.readTextFileSync(new URL(path, ROOT));
    const source = strip(file, true);
    const count = [...source.matchAll(/^(?:import|\} from|.* from) .*/gm)]
      .filter(([line]) => /from "[^"]+";$/.test(line)).length;
    const found = imports.filter(({ from }) => from === path).length;
    assertEquals(found, count, path);
  }
  assert(imports.length > 100, String(imports.length));
});

Deno.test("5 every import of the library leads to a file of its own or to @std/async", () => {
  const paths = new Set(sources.map(({ path }) => path));
  const foreign = imports.filter(({ to }) => !paths.has(to));
  assertEquals(
    [...new Set(foreign.map(({ to }) => to))].filter((to) =>
      !to.startsWith("@std/async/")
    ),
    [],
  );
});

Deno.test("5 imports go strictly down the layers", () => {
  const upward = imports.filter(({ from, to }) => {
    if (!isOwn(to)) return false;
    const [above, below] = [from, to].map((path) =>
      LAYERS.indexOf(layerOf(path))
    );
    return above === undefined || below === undefined || below < above;
  });
  assertEquals(upward.map(({ from, to }) => `${from} -> ${to}`), []);
});

Deno.test("5 the core imports the core alone", () => {
  const outward = imports.filter(({ from, to }) =>
    layerOf(from) === "core" && !(isOwn(to) && layerOf(to) === "core")
  );
  assertEquals(outward.map(({ from, to }) => `${from} -> ${to}`), []);
});

Deno.test("5 mod.ts holds the public names, nothing else", () => {
  const code = sources.find(({ path }) => path === "mod.ts")?.code ?? "";
  const rest = code.replace(/export\s+(?:type\s+)?\{[^}]*\}\s+from\s+"";/g, "");
  assertEquals(rest.trim(), "");
});

Deno.test("5 no cycle of imports; of types alone only within one folder of the lower layers", () => {
  const own = imports.filter(({ to }) => isOwn(to));
  assertEquals(cyclesIn(own.filter(({ isTypeOnly }) => !isTypeOnly)), []);
  const withTypes = cyclesIn(own).filter((edge) =>
    !edge.split(" -> ").every((path) => path.startsWith("src/io/")) &&
    !edge.split(" -> ").every((path) => path.startsWith("src/core/"))
  );
  assertEquals(withTypes, []);
});

Deno.test("5 no file is longer than 300 lines of code", () => {
  const long = sources.flatMap(({ path, code }) => {
    const count = code.split("\n").filter((line) => line.trim() !== "").length;
    return count > MOST_LINES ? [`${path}: ${count}`] : [];
  });
  assertEquals(long, []);
});

Deno.test("5 nothing of Deno in src/", () => {
  assertEquals(occurrences(/\bDeno\b/, []), []);
});

Deno.test("4.7 only the clock knows timers, time and chance", () => {
  const pattern =
    /\b(?:setTimeout|setInterval|clearTimeout|clearInterval|setImmediate)\b|\bDate\b|\bMath\.random\b|\bcrypt\w*\.\w|\bperformance\b|\bAbortSignal\.timeout\b/;
  assertEquals(occurrences(pattern, ["src/io/clock.ts"]), []);
});

Deno.test("5 only the reporter knows the console", () => {
  assertEquals(occurrences(/\bconsole\b/, ["src/reporter.ts"]), []);
});

Deno.test("F88 what peers say meets no regular expression and no splitting", () => {
  // Addresses and subprotocols come from the program, not from a peer.
  const own = ["src/address.ts", "src/checks.ts"];
  const pattern =
    /\bRegExp\b|\.(?:test|exec|match|matchAll|replace|replaceAll|search|split)\(/;
  assertEquals(occurrences(pattern, own), []);
  const seen = occurrences(pattern, []).map((place) => place.split(":")[0]);
  assertEquals([...new Set(seen)], own);
});
