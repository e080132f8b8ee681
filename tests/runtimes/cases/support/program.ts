import type { ChildProcess } from "node:child_process";
import { environment } from "./environment.ts";

/** How a program ended. */
interface Outcome {
  readonly code: number | null;
  /** Of standard output. */
  readonly lines: readonly string[];
}

/** A program of `programs/`, as a process of the runtime that runs the cases. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #firstLine = Promise.withResolvers<string>();
  #text = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#text += chunk;
      const [line, ...rest] = this.#text.split("\n");
      if (line !== undefined && rest.length > 0) this.#firstLine.resolve(line);
    });
    const { promise, resolve } = Promise.withResolvers<number | null>();
    // Not `exit`: output may still be on its way then.
    child.once("close", (code: number | null) => resolve(code));
    this.#ended = promise;
  }

  static async start(name: string, ...args: string[]): Promise<Program> {
    // Browsers have no processes, and need not know the module's name.
    const { spawn } = await import("node:child_process");
    const { fileURLToPath } = await import("node:url");
    const path = fileURLToPath(
      new URL(`../programs/${name}.ts`, import.meta.url),
    );
    const [command = "", ...flags] = environment.command;
    const stdio = ["ignore", "pipe", "inherit"] as const;
    return new Program(
      spawn(command, [...flags, path, ...args], { stdio: [...stdio] }),
    );
  }

  firstLine(): Promise<string> {
    return this.#firstLine.promise;
  }

  async end(): Promise<Outcome> {
    const code = await this.#ended;
    return { code, lines: this.#text.trimEnd().split("\n") };
  }

  /** After a failed assertion it may still run. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
