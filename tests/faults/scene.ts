import { ConnectionPool, type ConnectionPoolConfig } from "@jetsocket/pool";
import { TrackedSockets } from "../integration/tracked_sockets.ts";
import { within } from "../integration/within.ts";
import { blackhole, pass } from "../support/fault_flow.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { EchoServer } from "../support/echo_server.ts";
import { ServerProcess } from "./server_process.ts";

export type Pool = ConnectionPool<string, string>;
type Config = ConnectionPoolConfig<string, string>;

/** A pool's world: a real server behind a proxy that can be at fault. */
export class Scene implements AsyncDisposable {
  readonly proxy: FaultProxy;
  readonly #server: EchoServer | ServerProcess;
  readonly #sockets = new TrackedSockets();
  #isKilled = false;

  private constructor(server: EchoServer | ServerProcess, proxy: FaultProxy) {
    this.#server = server;
    this.proxy = proxy;
  }

  /** @param where Only a server with a process of its own can be killed */
  static async open(where: "here" | "process"): Promise<Scene> {
    const server = where === "here"
      ? EchoServer.start()
      : await ServerProcess.start();
    return new Scene(server, await FaultProxy.start(server.port));
  }

  createPool(config: Config): Pool {
    return new ConnectionPool({
      ...config,
      baseUrl: this.proxy.url(""),
      websocket: { ...config.websocket, factory: this.#sockets.factory },
    });
  }

  /** Holds up what is on its way, so that a fault can meet it there. */
  hold(): void {
    this.proxy.set(blackhole);
  }

  /** Kills the server's process; nobody listens until the scene is mended. */
  async kill(): Promise<void> {
    if (!(this.#server instanceof ServerProcess)) {
      throw new TypeError("This scene's server has no process of its own");
    }
    await this.#server.kill();
    this.#isKilled = true;
    this.proxy.refuse();
  }

  /** Ends every fault. */
  async mend(): Promise<void> {
    if (this.#isKilled && this.#server instanceof ServerProcess) {
      await this.#server.restart();
      this.#isKilled = false;
    }
    this.proxy.set(pass);
    await this.proxy.admit();
  }

  /** Resolves when the newest socket is the only one left. */
  async settled(): Promise<void> {
    await within(this.#sockets.olderEnded());
  }

  /** Resolves when no socket and no TCP connection is left. */
  async emptied(): Promise<void> {
    await within(this.#sockets.allEnded());
    await this.proxy.until(() => this.proxy.established === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}
