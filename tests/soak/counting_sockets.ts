/** Listeners of one socket, by type. */
type Listeners = Map<string, Set<unknown>>;

/**
 * The runtime's own `WebSocket` as a pool's `websocket.factory`, with a count
 * of the sockets that are not closed and of the listeners on them.
 */
export class CountingSockets {
  readonly #open = new Map<WebSocket, Listeners>();
  #total = 0;
  #left = 0;

  /** Sockets that are not closed. */
  get open(): number {
    return this.#open.size;
  }

  /** All there ever were. */
  get total(): number {
    return this.#total;
  }

  /** Listeners on sockets that are not closed. */
  get listeners(): number {
    return [...this.#open.values()].reduce(
      (sum, listeners) => sum + count(listeners),
      0,
    );
  }

  /** Listeners that were left on sockets when these had closed. */
  get left(): number {
    return this.#left;
  }

  /** To be passed as `websocket.factory`. */
  readonly factory = (
    url: string,
    { protocols }: { protocols: string[] },
  ): WebSocket => {
    const socket = new WebSocket(url, protocols);
    const listeners: Listeners = new Map();
    this.#open.set(socket, listeners);
    this.#total++;
    socket.addEventListener("close", () => {
      // Whoever listens for `close` too has its turn first.
      setTimeout(() => this.#ended(socket), 0);
    }, { once: true });
    watch(socket, listeners);
    return socket;
  };

  #ended(socket: WebSocket): void {
    const listeners = this.#open.get(socket);
    if (listeners === undefined) return;
    this.#open.delete(socket);
    // One for `error` may stay on a socket that never opened: npm `ws` needs it, and it holds nothing.
    listeners.delete("error");
    this.#left += count(listeners);
  }
}

function watch(socket: WebSocket, listeners: Listeners): void {
  const add = socket.addEventListener.bind(socket);
  const remove = socket.removeEventListener.bind(socket);
  socket.addEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
  ) => {
    const known = listeners.get(type) ?? new Set();
    listeners.set(type, known.add(listener));
    add(type, listener);
  };
  socket.removeEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
  ) => {
    listeners.get(type)?.delete(listener);
    remove(type, listener);
  };
}

function count(listeners: Listeners): number {
  return [...listeners.values()].reduce((sum, { size }) => sum + size, 0);
}
