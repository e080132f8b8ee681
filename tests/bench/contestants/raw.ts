/** The runtime's own `WebSocket`, open. */
export async function openRaw(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`Cannot connect to ${url}`));
  });
  socket.onerror = null;
  return socket;
}

/** Resolves when it is closed. */
export async function closeRaw(socket: WebSocket): Promise<void> {
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
}

/** A socket whose next message can be awaited, one reader at a time. */
export class AwaitedSocket {
  readonly socket: WebSocket;
  #resolve: (data: unknown) => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.onmessage = ({ data }) => this.#resolve(data);
  }

  request(message: string): Promise<unknown> {
    const reply = new Promise((resolve) => this.#resolve = resolve);
    this.socket.send(message);
    return reply;
  }
}
