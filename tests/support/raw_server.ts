import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { parseRequest } from "./handshake.ts";
import { RawPeer } from "./raw_peer.ts";
import { type PeerHandler, scriptByPath } from "./raw_scripts.ts";
import { Watch } from "./watch.ts";

const HEAD_END = "\r\n\r\n";

export interface RawServerOptions {
  /** A port to come back on; a free one by default. */
  readonly port?: number;
  /** In place of the scripts that the path names. */
  readonly handler?: PeerHandler;
}

/**
 * A WebSocket server on bare TCP, for what no correct server does.
 *
 * `node:net` and not `Deno.listen`, as only its sockets can send a true RST.
 */
export class RawServer implements AsyncDisposable {
  /** In order of their requests, closed ones included. */
  readonly peers: RawPeer[] = [];

  readonly #server: Server;
  readonly #handler: PeerHandler;
  readonly #watch = new Watch();
  readonly #sockets = new Set<Socket>();
  readonly #open = new Set<Socket>();
  readonly #failures: unknown[] = [];
  #port = 0;
  #maxOpen = 0;
  #total = 0;
  #stopping: Promise<void> | undefined;

  private constructor(handler: PeerHandler) {
    this.#handler = handler;
    // Half-open, so that "never FIN" can be played.
    const options = { allowHalfOpen: true, noDelay: true };
    this.#server = createServer(options, (socket) => this.#connected(socket));
  }

  static async start(options: RawServerOptions = {}): Promise<RawServer> {
    const server = new RawServer(options.handler ?? scriptByPath);
    await server.#listen(options.port ?? 0);
    return server;
  }

  get port(): number {
    return this.#port;
  }

  url(path: string): string {
    return `ws://127.0.0.1:${this.#port}${path}`;
  }

  /**
   * WebSockets now: from the TCP connection, handshake included, to the end of
   * the close handshake, or of the connection.
   *
   * What TCP does after that is not counted, as the client may dial again
   * before its FIN is here. A handshake that the client gave up counts until
   * the FIN, as nothing else tells.
   */
  get open(): number {
    return this.#open.size;
  }

  /** TCP connections now. */
  get openTcp(): number {
    return this.#sockets.size;
  }

  /** The largest `open` there ever was. */
  get maxOpen(): number {
    return this.#maxOpen;
  }

  /** All connections there ever were. */
  get total(): number {
    return this.#total;
  }

  /** Resolves when the condition holds for this server or one of its peers. */
  until(condition: () => boolean, limit?: number): Promise<void> {
    return this.#watch.until(condition, limit);
  }

  /** The peer of the given number, once its request is there. */
  async peer(index = 0): Promise<RawPeer> {
    await this.until(() => this.peers.length > index);
    const peer = this.peers[index];
    if (peer === undefined) throw new RangeError(`No peer has number ${index}`);
    return peer;
  }

  /** Refuses new connections and resets those there are. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Stops; throws what a handler threw before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (typeof address === "object" && address !== null) {
      this.#port = address.port;
    }
  }

  async #stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await promise;
    this.#watch[Symbol.dispose]();
  }

  #connected(socket: Socket): void {
    this.#total++;
    this.#sockets.add(socket);
    this.#open.add(socket);
    this.#maxOpen = Math.max(this.#maxOpen, this.#open.size);
    let head = "";
    let peer: RawPeer | undefined;
    socket.on("data", (chunk: Uint8Array) => {
      if (peer !== undefined) return peer.receive(chunk);
      head += Buffer.from(chunk).toString("latin1");
      const end = head.indexOf(HEAD_END);
      if (end < 0) return;
      peer = this.#requested(head.slice(0, end), socket);
      const rest = head.slice(end + HEAD_END.length);
      if (rest !== "") peer?.receive(Buffer.from(rest, "latin1"));
    });
    socket.on("end", () => peer ? peer.receiveFin() : socket.end());
    // A reset by the client is an event of the tests, not a fault: `close`,
    // which always follows, says it.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#open.delete(socket);
      this.#watch.changed();
    });
    this.#watch.changed();
  }

  #requested(head: string, socket: Socket): RawPeer | undefined {
    const request = parseRequest(head);
    if (request === undefined) {
      socket.destroy();
      return undefined;
    }
    const peer = new RawPeer(request, socket, this.#watch, () => {
      this.#open.delete(socket);
      this.#watch.changed();
    });
    this.peers.push(peer);
    this.#handle(peer);
    this.#watch.changed();
    return peer;
  }

  async #handle(peer: RawPeer): Promise<void> {
    try {
      await this.#handler(peer);
    } catch (error) {
      // What a handler still waited for when the server stopped is no failure.
      if (this.#stopping === undefined) this.#failures.push(error);
    }
  }
}
