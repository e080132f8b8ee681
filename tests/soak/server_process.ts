import type { Command, Counts } from "./soak_server.ts";

/** The soak's server, in a process of its own: its memory and descriptors are not the client's. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";
  #port = 0;
  /** Commands in flight are answered in order. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#output = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  static async start(): Promise<ServerProcess> {
    const program = new URL("soak_server.ts", import.meta.url).href;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-qA", "--no-config", program],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const server = new ServerProcess(child);
    server.#port = (await server.#read()).port;
    return server;
  }

  url(path: string): string {
    return `ws://127.0.0.1:${this.#port}${path}`;
  }

  /** Has the server do something. @returns Its counts afterwards */
  tell(command: Command): Promise<Counts> {
    const line = new TextEncoder().encode(`${JSON.stringify(command)}\n`);
    const told = this.#last.then(async () => {
      await this.#input.write(line);
      return await this.#read();
    });
    this.#last = told;
    return told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#input.close();
    while (!(await this.#output.read()).done);
    await this.#child.status;
  }

  async #read(): Promise<Counts> {
    let end = this.#rest.indexOf("\n");
    while (end < 0) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error("The soak's server has ended");
      this.#rest += value;
      end = this.#rest.indexOf("\n");
    }
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }
}
