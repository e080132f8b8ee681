import { Program } from "../examples/program.ts";

const PROGRAM = "tests/faults/programs/echo_server.ts";

/** An echo server in a process of its own, which can come back on its port. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  #program: Program;

  private constructor(program: Program, port: number) {
    this.#program = program;
    this.port = port;
  }

  static async start(): Promise<ServerProcess> {
    const { program, port } = await launch(0);
    return new ServerProcess(program, port);
  }

  /** It stands still: the kernel goes on taking connections and bytes for it. */
  stop(): void {
    this.#program.signal("SIGSTOP");
  }

  resume(): void {
    this.#program.signal("SIGCONT");
  }

  /** Resolves when the kernel has closed all it had. */
  async kill(): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  async restart(): Promise<void> {
    const { program } = await launch(this.port);
    this.#program = program;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

async function launch(
  port: number,
): Promise<{ program: Program; port: number }> {
  // No types to check and nothing of the standard library: it starts at once.
  const args = ["run", "--quiet", "--no-config", "--no-check", "-A", PROGRAM];
  const program = new Program(Deno.execPath(), [...args, String(port)]);
  const said = await program.until(/listening on \d+\n/);
  return { program, port: Number(/\d+/.exec(said)?.at(0)) };
}
