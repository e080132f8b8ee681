import type { ServerAddress } from "./cases/support/control.ts";

const PROGRAM = new URL("server.ts", import.meta.url);

/** The raw server, in a process of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly address: ServerAddress;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, address: ServerAddress) {
    this.#child = child;
    this.address = address;
  }

  static async start(): Promise<ServerProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--no-config", PROGRAM.href],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const line of lines) {
      return new ServerProcess(child, JSON.parse(line));
    }
    throw new Error("The server ended before it said where it listens");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    await this.#child.status;
  }
}
