import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Program } from "./programs.ts";
import type { Runs } from "./statistics.ts";
import { OVER } from "./turns.ts";

/** A turn that takes longer hangs. */
const LIMIT_MS = 180_000;

/** A contestant's process, which works in its turns alone. */
export class Player {
  readonly #title: string;
  readonly #program: Program;
  readonly #order: string;
  #process: Process | undefined;

  /** @param title What it is called in errors */
  constructor(title: string, program: Program, order: string) {
    this.#title = title;
    this.#program = program;
    this.#order = order;
  }

  /**
   * Lets it work: start and warm up in the first turn, be measured once in each
   * of the others.
   *
   * @returns What it measured in all its turns, after the last
   * @throws {Error} If it fails, or ends without figures
   */
  async turn(): Promise<Runs | undefined> {
    if (this.#process === undefined) this.#process = this.#start();
    else this.#process.child.stdin?.write("\n");
    const { child, lines, end, errors } = this.#process;
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    try {
      let last = "";
      for (;;) {
        const { value, done } = await lines.next();
        if (value === OVER) return undefined;
        if (done === true) break;
        last = value;
      }
      const reason = await end;
      const runs = readRuns(last);
      if (reason === 0 && runs !== undefined) return runs;
      throw new Error(
        `${this.#title} failed on ${this.#program.path} (${reason})\n` +
          await errors,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it, if it is still there. */
  stop(): void {
    this.#process?.child.kill("SIGKILL");
  }

  #start(): Process {
    const { path, args, env } = this.#program;
    const child = spawn(path, [...args, this.#order], {
      stdio: ["pipe", "pipe", "pipe"],
      // Node's and Bun's word for a certificate that nobody has signed.
      env: {
        ...Deno.env.toObject(),
        NODE_TLS_REJECT_UNAUTHORIZED: "0",
        ...env,
      },
    });
    // Written to one that has just ended: its output tells why.
    child.stdin.on("error", () => {});
    return {
      child,
      lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
      end: new Promise((resolve) => {
        child.on("error", resolve);
        child.on("exit", (code, signal) => resolve(code ?? signal));
      }),
      errors: text(child.stderr),
    };
  }
}

interface Process {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string, undefined>;
  /** Its exit code, or what else it ended of. */
  readonly end: Promise<unknown>;
  readonly errors: Promise<string>;
}

function readRuns(line: string): Runs | undefined {
  if (!line.startsWith("{")) return undefined;
  const { runs }: { runs?: unknown } = JSON.parse(line);
  return Array.isArray(runs) && runs.length > 0 && runs.every(Number.isFinite)
    ? runs
    : undefined;
}
