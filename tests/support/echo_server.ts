import { Watch } from "./watch.ts";

export interface EchoServerOptions {
  /** A port to come back on; a free one by default. */
  readonly port?: number;
}

export interface EchoRequest {
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
}

export interface EchoMessage {
  readonly path: string;
  readonly data: string | ArrayBuffer;
}

/**
 * An ordinary, correct server on `Deno.serve`.
 *
 * `/status/401` answers with that status, `/greet...` sends `"hello"` at open,
 * every path, `/greet` too, echoes; the first subprotocol offered is chosen.
 */
export class EchoServer implements AsyncDisposable {
  /** Every request, refused ones included. */
  readonly requests: EchoRequest[] = [];
  /** Every message, in order of arrival. */
  readonly messages: EchoMessage[] = [];

  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #watch = new Watch();
  readonly #sockets = new Set<WebSocket>();
  #maxOpen = 0;
  #total = 0;
  #stopping: Promise<void> | undefined;

  private constructor(port: number) {
    const options = { port, hostname: "127.0.0.1", onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  static start(options: EchoServerOptions = {}): EchoServer {
    return new EchoServer(options.port ?? 0);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  url(path: string): string {
    return `ws://127.0.0.1:${this.port}${path}`;
  }

  /** Sockets now, counted from the upgrade to the `close` event. */
  get open(): number {
    return this.#sockets.size;
  }

  /** The most there ever were at once. */
  get maxOpen(): number {
    return this.#maxOpen;
  }

  /** All there ever were. */
  get total(): number {
    return this.#total;
  }

  /** Resolves when the condition holds for this server. */
  until(condition: () => boolean, limit?: number): Promise<void> {
    return this.#watch.until(condition, limit);
  }

  /** Sends to every open socket. */
  broadcast(data: string | ArrayBuffer): void {
    for (const socket of this.#sockets) {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    }
  }

  /** Closes every socket; resolves when all are gone. */
  async closeAll(code = 1000, reason = ""): Promise<void> {
    for (const socket of this.#sockets) {
      const close = () => socket.close(code, reason);
      // Closed before its `open`, a server's socket in Deno ends never.
      if (socket.readyState === WebSocket.CONNECTING) {
        socket.addEventListener("open", close);
      } else {
        close();
      }
    }
    await this.until(() => this.#sockets.size === 0);
  }

  /** Refuses new connections and closes those there are with 1001. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    await this.#server.shutdown();
    await this.until(() => this.#sockets.size === 0);
    this.#watch[Symbol.dispose]();
  }

  #answer(request: Request): Response {
    const { pathname, search } = new URL(request.url);
    const path = pathname + search;
    // A copy: the request's own headers cannot be read once it is answered.
    this.requests.push({ path, headers: new Headers(request.headers) });
    this.#watch.changed();
    const [, name, status] = pathname.split("/");
    if (name === "status") {
      return new Response(null, { status: Number(status) });
    }
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response(null, { status: 426 });
    }
    const protocol = request.headers.get("sec-websocket-protocol")
      ?.split(",").at(0)?.trim();
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol });
    this.#serve(socket, path, name === "greet");
    return response;
  }

  #serve(socket: WebSocket, path: string, greets: boolean): void {
    this.#total++;
    this.#sockets.add(socket);
    this.#maxOpen = Math.max(this.#maxOpen, this.#sockets.size);
    socket.binaryType = "arraybuffer";
    if (greets) socket.addEventListener("open", () => socket.send("hello"));
    socket.addEventListener("message", ({ data }) => {
      this.messages.push({ path, data });
      // The client may have left between its message and the echo.
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
      this.#watch.changed();
    });
    socket.addEventListener("error", (event) => event.preventDefault());
    socket.addEventListener("close", () => {
      this.#sockets.delete(socket);
      this.#watch.changed();
    });
    this.#watch.changed();
  }
}
