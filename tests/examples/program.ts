/**
 * Programs of `examples/` as child processes.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { standardLibraryFlags } from "../offline/flags.ts";

const ROOT = new URL("../../", import.meta.url);

/** Far above what any of them takes; a program that hangs is killed. */
const TIME_LIMIT = 90_000;

/** What a program left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child process, its output and its end. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #stdout: ReadableStreamDefaultReader<string>;
  readonly #stderr: Promise<string>;
  #text = "";

  constructor(command: string, args: readonly string[]) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    this.#timer = setTimeout(() => this.#child.kill("SIGKILL"), TIME_LIMIT);
    this.#stdout = this.#child.stdout
      .pipeThrough(new TextDecoderStream())
      .getReader();
    this.#stderr = new Response(this.#child.stderr).text();
  }

  /** Resolves with standard output so far, once it matches. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      if (!await this.#read()) {
        throw new Error(`ended before ${pattern}: ${this.#text}`);
      }
    }
    return this.#text;
  }

  interrupt(): void {
    this.signal("SIGINT");
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async end(): Promise<Outcome> {
    while (await this.#read());
    const [stderr, { code }] = await Promise.all([
      this.#stderr,
      this.#child.status,
    ]);
    clearTimeout(this.#timer);
    return { code, stdout: this.#text, stderr };
  }

  /** After a failed assertion the program may still run. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await this.end();
  }

  async #read(): Promise<boolean> {
    const { done, value = "" } = await this.#stdout.read();
    this.#text += value;
    return !done;
  }
}

/** The arguments of `deno` that run an example. */
export async function commandLine(
  name: string,
  args: readonly string[],
): Promise<string[]> {
  const flags = await standardLibraryFlags();
  return ["run", "--quiet", "-A", ...flags, `examples/${name}.ts`, ...args];
}

/** Starts an example. */
export async function start(name: string, ...args: string[]): Promise<Program> {
  return new Program(Deno.execPath(), await commandLine(name, args));
}

/** Runs an example to its end. */
export async function run(name: string, ...args: string[]): Promise<Outcome> {
  await using program = await start(name, ...args);
  return await program.end();
}

/** Runs an example that must succeed and say nothing on stderr. */
export async function outputOf(
  name: string,
  ...args: string[]
): Promise<string> {
  const { code, stdout, stderr } = await run(name, ...args);
  assertEquals({ code, stderr }, { code: 0, stderr: "" }, stdout);
  return stdout;
}
