import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Flow, pass } from "./fault_flow.ts";
import { FaultPipe } from "./fault_pipe.ts";
import { Watch } from "./watch.ts";

export type Direction = "toServer" | "toClient";

/** Half-open, so that a FIN can pass in one direction alone. */
const OPTIONS = { allowHalfOpen: true, noDelay: true };

interface Passage {
  readonly client: Socket;
  readonly server: Socket;
  readonly pipes: Readonly<Record<Direction, FaultPipe>>;
}

/**
 * A TCP proxy between a pool and a real server on loopback. What it does to
 * the bytes can be changed per direction while connections are up, and applies
 * to new ones as well.
 *
 * `node:net` and not `Deno.listen`, as only its sockets can send a true RST.
 */
export class FaultProxy implements AsyncDisposable {
  readonly #targetPort: number;
  readonly #watch = new Watch();
  readonly #passages = new Set<Passage>();
  readonly #established = new Set<Socket>();
  readonly #flows: Record<Direction, Flow> = { toServer: pass, toClient: pass };
  /** Counts that are due. */
  readonly #counts = new Set<ReturnType<typeof setTimeout>>();
  #server: Server | undefined;
  #port = 0;
  #maxEstablished = 0;
  #total = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
  }

  static async start(targetPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort);
    await proxy.admit();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  url(path: string): string {
    return `ws://127.0.0.1:${this.#port}${path}`;
  }

  /** TCP connections that the client has neither ended nor reset, and the proxy has not reset. */
  get established(): number {
    return this.#established.size;
  }

  /**
   * The largest `established` there ever was, counted two turns after each
   * arrival: a FIN that came first may be read after the connection it made
   * room for is accepted.
   */
  get maxEstablished(): number {
    return this.#maxEstablished;
  }

  /** All connections there ever were. */
  get total(): number {
    return this.#total;
  }

  /** Resolves when the condition holds for this proxy. */
  until(condition: () => boolean, limit?: number): Promise<void> {
    return this.#watch.until(condition, limit);
  }

  /** Changes one direction, or both. */
  set(flow: Flow, direction?: Direction): void {
    for (const each of ["toServer", "toClient"] as const) {
      if (direction !== undefined && direction !== each) continue;
      this.#flows[each] = flow;
      for (const { pipes } of [...this.#passages]) pipes[each].set(flow);
    }
  }

  /** Refuses new connections; those there are stay. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** Takes new connections, on the same port as before. */
  async admit(): Promise<void> {
    while (this.#server === undefined) {
      const server = createServer(OPTIONS, (client) => this.#connected(client));
      const port = this.#port || choosePort();
      server.listen(port, "127.0.0.1");
      try {
        await once(server, "listening");
      } catch (error) {
        // One that is somebody else's is no good as the first.
        if (this.#port !== 0) throw error;
        continue;
      }
      this.#server = server;
      this.#port = port;
    }
  }

  /** Resets what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse();
    for (const count of this.#counts) clearTimeout(count);
    for (const { client, server, pipes } of [...this.#passages]) {
      pipes.toServer.stop();
      pipes.toClient.stop();
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    await this.until(() => this.#passages.size === 0);
    this.#watch[Symbol.dispose]();
  }

  #connected(client: Socket): void {
    const server = connect({
      ...OPTIONS,
      port: this.#targetPort,
      host: "127.0.0.1",
    });
    this.#total++;
    this.#established.add(client);
    this.#later(() => this.#later(() => this.#count()));
    const passage = {
      client,
      server,
      pipes: {
        toServer: new FaultPipe(client, server, this.#flows.toServer),
        toClient: new FaultPipe(server, client, this.#flows.toClient),
      },
    };
    this.#passages.add(passage);
    const leave = () => {
      this.#established.delete(client);
      this.#watch.changed();
    };
    client.on("end", leave);
    client.on("close", leave);
    for (const socket of [client, server]) {
      // A reset is an event of the tests: `close` follows and says it.
      socket.on("error", () => {});
      socket.on("close", () => {
        if (!client.destroyed || !server.destroyed) return;
        this.#passages.delete(passage);
        this.#watch.changed();
      });
    }
    this.#watch.changed();
  }

  #later(act: () => void): void {
    const timer = setTimeout(() => {
      this.#counts.delete(timer);
      act();
    }, 0);
    this.#counts.add(timer);
  }

  #count(): void {
    this.#maxEstablished = Math.max(
      this.#maxEstablished,
      this.#established.size,
    );
    this.#watch.changed();
  }
}

/** Below those that systems give away: nobody is given ours while it refuses. */
function choosePort(): number {
  return 20_000 + Math.floor(Math.random() * 10_000);
}
