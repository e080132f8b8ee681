/**
 * The runtime's own `WebSocket` as a pool's `websocket.factory`, with a hold on
 * each: to play an owner that meddles, and to wait for the end of sockets that
 * the pool has let go of.
 */
export class TrackedSockets {
  readonly sockets: WebSocket[] = [];
  readonly #ends: Promise<void>[] = [];

  /** To be passed as `websocket.factory`. */
  readonly factory = (
    url: string,
    { protocols }: { protocols: string[] },
  ): WebSocket => {
    const socket = new WebSocket(url, protocols);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.addEventListener("close", () => resolve());
    // Nobody else listens once the pool has let go: Deno would call it uncaught.
    socket.addEventListener("error", (event) => event.preventDefault());
    this.sockets.push(socket);
    this.#ends.push(promise);
    return socket;
  };

  /** Resolves when every socket but the newest is closed. */
  async olderEnded(): Promise<void> {
    await Promise.all(this.#ends.slice(0, -1));
  }

  /** Resolves when every socket there was is closed. */
  async allEnded(): Promise<void> {
    await Promise.all(this.#ends);
  }
}
