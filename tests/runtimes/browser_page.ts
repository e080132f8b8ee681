/**
 * The cases as a page: bundled with what stands in for Node's modules.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { runDeno } from "../npm/command.ts";
import { CACHE, caseFiles, CASES, type Package } from "./workshop.ts";

const SHIMS = fileURLToPath(new URL("shims", import.meta.url));

/** What only cases ask for that are left out in browsers. */
const LEFT_OUT = ["node:child_process", "node:url", "node:worker_threads"];

/** Scripts by the path the page asks for. */
export type Scripts = ReadonlyMap<string, string>;

/** Bundles the cases, and the worker that one of them starts. */
export async function bundleForPage(library: Package): Promise<Scripts> {
  const folder = `${CACHE}/page`;
  await Deno.mkdir(folder, { recursive: true });
  const suite = `${folder}/suite.ts`;
  const map = `${folder}/import_map.json`;
  await Deno.writeTextFile(
    suite,
    [
      ...caseFiles().map((file) => `import "${CASES}/${file}";`),
      `import { runAll } from "${SHIMS}/test.ts";`,
      "Reflect.set(globalThis, 'results', runAll());",
    ].join("\n"),
  );
  const imports = {
    "@jetsocket/pool": `${library.folder}/mod.js`,
    "node:assert/strict": `${SHIMS}/assert.ts`,
    "node:test": `${SHIMS}/test.ts`,
  };
  await Deno.writeTextFile(map, JSON.stringify({ imports }));
  const bundle = (entry: string) =>
    runDeno([
      "bundle",
      "--quiet",
      "--no-check",
      "--no-config",
      "--platform=browser",
      `--import-map=${map}`,
      ...LEFT_OUT.map((name) => `--external=${name}`),
      entry,
    ], { cwd: folder });
  return new Map([
    ["/suite.js", await bundle(suite)],
    // The address that the case gives it, which holds for every runtime.
    ["/workers/smoke.ts", await bundle(`${CASES}/workers/smoke.ts`)],
  ]);
}

/** Serves them on the loopback interface. */
export function servePage(
  scripts: Scripts,
): AsyncDisposable & { readonly url: string } {
  const page = "<!doctype html><title>Cases</title>" +
    '<link rel="icon" href="data:,">' +
    '<script type="module" src="/suite.js"></script>';
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { pathname } = new URL(request.url);
      const script = scripts.get(pathname);
      const type = script === undefined ? "text/html" : "text/javascript";
      const headers = { "Content-Type": `${type}; charset=utf-8` };
      if (script !== undefined) return new Response(script, { headers });
      if (pathname === "/") return new Response(page, { headers });
      return new Response(null, { status: 404 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
