import type { Case, Runtime } from "./case.ts";

/** A program and what comes before its script. */
export interface Program {
  readonly path: string;
  readonly args: readonly string[];
}

/** Semispaces so large that nothing is collected while bytes are counted. */
const HEAP_FLAGS = [
  "--expose-gc",
  "--min-semi-space-size=256",
  "--max-semi-space-size=256",
];

export function programOf(runtime: Runtime, needs: Case["needs"]): Program {
  const heap = needs?.endsWith("heap") ? HEAP_FLAGS : [];
  switch (runtime) {
    case "deno":
      return {
        path: Deno.execPath(),
        args: [
          "run",
          "--allow-all",
          "--no-config",
          "--quiet",
          // The certificate of the server is nobody's.
          "--unsafely-ignore-certificate-errors=127.0.0.1",
          ...heap.length > 0 ? [`--v8-flags=${heap.join(",")}`] : [],
        ],
      };
    case "node":
      return { path: Deno.env.get("NODE") ?? "node", args: heap };
    case "bun":
      return { path: Deno.env.get("BUN") ?? "bun", args: ["run"] };
  }
}

/** @throws {Error} If the program does not run */
export async function versionOf(runtime: Runtime): Promise<string> {
  const { path } = programOf(runtime, undefined);
  const { stdout } = await new Deno.Command(path, { args: ["--version"] })
    .output();
  const version = new TextDecoder().decode(stdout).match(/\d+\.\d+\.\d+/)?.[0];
  if (version === undefined) throw new Error(`${path} tells no version`);
  return version;
}
