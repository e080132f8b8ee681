import { standardLibraryFlags } from "../../offline/flags.ts";
import type { Addresses } from "./main.ts";

/** The servers in a process of their own, until it is disposed of. */
export class ServerProcess implements AsyncDisposable {
  readonly addresses: Addresses;
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, addresses: Addresses) {
    this.#process = process;
    this.addresses = addresses;
  }

  static async start(): Promise<ServerProcess> {
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--quiet",
        ...await standardLibraryFlags(),
        new URL("main.ts", import.meta.url).pathname,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    return new ServerProcess(process, JSON.parse(await firstLine(process)));
  }

  /** It ends with its input. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stdin.close();
    await this.#process.status;
  }
}

async function firstLine(process: Deno.ChildProcess): Promise<string> {
  const reader = process.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The server did not start");
    text += value;
  }
  // It prints nothing else.
  await reader.cancel();
  return text;
}
