import type { Case, Runtime } from "./case.ts";

/** A program that takes an order as its last argument. */
export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Semispaces so large that nothing is collected while bytes are counted. */
const HEAP_FLAGS = [
  "--expose-gc",
  "--min-semi-space-size=256",
  "--max-semi-space-size=256",
];

/** Without its script. */
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

/** A program of V8's, so run that all its instructions are counted, and none depends on another thread. */
export function counting({ path, args }: Program, file: string): Program {
  return {
    path: Deno.env.get("VALGRIND") ?? "valgrind",
    args: [
      "--tool=callgrind",
      `--callgrind-out-file=${file}`,
      // Code is compiled where other code was.
      "--smc-check=all-non-file",
      path,
      "--single-threaded",
      ...args,
    ],
  };
}

/** How many instructions a program executed, from what it left in a file. */
export function instructionsIn(output: string): number {
  const count = output.match(/^summary: (\d+)$/m)?.[1];
  if (count === undefined) throw new Error("No summary of instructions");
  return Number(count);
}

/** The program for JetSocket, if a checkout of it is there: its Cython part must be built. */
export function jetSocketProgram(): Program | undefined {
  const checkout = Deno.env.get("JETSOCKET");
  if (checkout === undefined || checkout === "") return undefined;
  return {
    path: Deno.env.get("PYTHON") ?? "python3",
    args: [new URL("jetsocket/contestant.py", import.meta.url).pathname],
    env: { PYTHONPATH: `${checkout}/src` },
  };
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
