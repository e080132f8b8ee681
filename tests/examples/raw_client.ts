/**
 * The exchange as seen without the library.
 *
 * @module
 */

/** A raw `WebSocket` whose messages are read one by one. */
export class RawClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #messages: unknown[] = [];
  readonly #closed = Promise.withResolvers<CloseEvent>();
  #arrived = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#messages.push(JSON.parse(data));
      this.#arrived.resolve();
    };
    socket.onclose = (event) => this.#closed.resolve(event);
  }

  /** Resolves when open; rejects when the handshake fails. */
  static async open(url: string): Promise<RawClient> {
    const socket = new WebSocket(url);
    const client = new RawClient(socket);
    const opened = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve();
    socket.onerror = () => opened.reject(new Error("handshake failed"));
    await opened.promise;
    return client;
  }

  get closed(): Promise<CloseEvent> {
    return this.#closed.promise;
  }

  send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendRaw(data: string | ArrayBuffer): void {
    this.#socket.send(data);
  }

  async receive(): Promise<unknown> {
    while (this.#messages.length === 0) {
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers();
    }
    return this.#messages.shift();
  }

  async ask(message: unknown): Promise<unknown> {
    this.send(message);
    return await this.receive();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#closed.promise;
  }
}

/** The next `count` messages. */
export async function take(
  client: RawClient,
  count: number,
): Promise<unknown[]> {
  const messages: unknown[] = [];
  while (messages.length < count) messages.push(await client.receive());
  return messages;
}

/** Everything before the answer to a ping: what was on its way. */
export async function receiveUntilPong(
  client: RawClient,
  number: number,
): Promise<unknown[]> {
  client.send({ ping: number });
  const before: unknown[] = [];
  for (;;) {
    const message = await client.receive();
    if (JSON.stringify(message) === `{"pong":${number}}`) return before;
    before.push(message);
  }
}
