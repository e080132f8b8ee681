import { resolveWait } from "./call_options.ts";
import { typeName } from "./checks.ts";
import { isV8 } from "./engine.ts";
import { LeaseReleasedError } from "./errors.ts";
import type { Connection } from "./io/connection.ts";
import type { Mailbox } from "./io/mailbox.ts";
import { release } from "./io/release.ts";
import type {
  ReceiveOptions,
  ReleaseOptions,
  SendData,
  SendOptions,
} from "./options.ts";
import type { ConnectionStats } from "./stats.ts";

/** Makes the handle of a lease; set below by the class, whose constructor is nobody else's. */
export let createLease: <Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
  lease: number,
) => PooledConnection<Incoming, Outgoing>;

/**
 * The exclusive right to one connection, until it is released.
 *
 * - Released by `release`, `discard`, `using` or `await using`; afterwards the
 *   handle is inert, and whoever has the connection next is never touched.
 * - Messages that arrived before the lease began or after it ended are not
 *   delivered to it.
 * - When the connection is lost, what has arrived can still be read; then reads
 *   reject with `ConnectionLostError`. With `reconnect` they go on over a new
 *   socket instead.
 * - One reader at a time: `receive`, iteration or `forEach`.
 *
 * @example Request and reply
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ConnectionPool } from "@jetsocket/pool";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request) => {
 *   const { socket, response } = Deno.upgradeWebSocket(request);
 *   socket.onmessage = ({ data }) => socket.send(data);
 *   return response;
 * });
 *
 * await using pool = new ConnectionPool({
 *   baseUrl: `ws://localhost:${server.addr.port}`,
 * });
 * {
 *   await using conn = await pool.acquire("/echo");
 *   await conn.send({ hello: "world" });
 *   assertEquals(await conn.receive(), { hello: "world" });
 * }
 * assertEquals(pool.stats().idleConnections, 1);
 * ```
 *
 * @typeParam Incoming What the codec and the schema make of a received message
 * @typeParam Outgoing What the codec takes for sending
 */
export class PooledConnection<Incoming = unknown, Outgoing = unknown>
  implements AsyncDisposable, Disposable, AsyncIterable<Incoming> {
  readonly #connection: Connection<Incoming, Outgoing>;
  readonly #lease: number;
  /** The release's promise, once there is one. */
  #released: Promise<void> | undefined;
  #signal: AbortSignal | undefined;

  static {
    createLease = (connection, lease) =>
      new PooledConnection(connection, lease);
    // What a promise is resolved with is searched for `then`. V8 compares all
    // names, the last one first, up to `Object.prototype`: a tenth of a pair of
    // acquire and release. Here it finds it at once. JavaScriptCore knows
    // without a search that a class has none, and is slower where there is one.
    if (isV8) {
      Object.defineProperty(this.prototype, "then", { value: undefined });
    }
  }

  private constructor(
    connection: Connection<Incoming, Outgoing>,
    lease: number,
  ) {
    this.#connection = connection;
    this.#lease = lease;
    connection.handle = this;
  }

  /** Number of the connection in its pool, from 1: the same number is the same connection. */
  get id(): number {
    return this.#connection.id;
  }

  /** The address, without userinfo and with query values as `…`. */
  get url(): string {
    return this.#connection.shown;
  }

  /** The subprotocol the server chose, empty for none. */
  get protocol(): string {
    return this.#connection.protocol;
  }

  /** Whether a lease of this connection came before. */
  get reused(): boolean {
    // The first lease of a connection is its number one.
    return this.#lease > 1;
  }

  /** Whether messages can be sent at this moment. */
  get isConnected(): boolean {
    return this.#isHeld && this.#connection.isOpen;
  }

  /** Bytes handed to the socket that have not left the process; 0 after the release. */
  get bufferedAmount(): number {
    return this.#isHeld ? this.#connection.bufferedAmount : 0;
  }

  /** Time from the last heartbeat's ping to its pong, in ms; undefined before the first. */
  get latency(): number | undefined {
    return this.#isHeld ? this.#connection.latency : undefined;
  }

  /** Aborts when the lease ends or the connection is lost; its reason is the error. */
  get signal(): AbortSignal {
    return this.#signal ??= this.#isHeld
      ? this.#connection.mailbox.signal()
      : AbortSignal.abort(this.#reasonItEnded());
  }

  /**
   * Sends a message through the codec.
   *
   * - At most once: resolved means handed to the socket.
   * - Waits while more than `sendHighWaterMark` bytes are unsent, and during a
   *   reconnect; waiting messages go in the order of the calls.
   *
   * @param message What to send
   * @param options Bounds of the wait for room
   * @returns A promise for the hand-over to the socket
   * @throws {TypeError} If the codec cannot carry the message; nothing is sent
   * @throws {LeaseReleasedError} If the lease is over
   * @throws {ConnectionLostError} If the connection is lost
   * @throws {PoolClosedError} If the pool was closed
   * @throws {DOMException} `TimeoutError` after `timeout`; nothing is sent
   * @throws {unknown} The signal's reason; nothing is sent
   */
  send(message: Outgoing, options?: SendOptions): Promise<void> {
    try {
      this.#assertHeld();
      const wait = resolveWait(options, "send");
      const data = this.#connection.encode(message);
      this.#assertHeld();
      return this.#mailbox.send(data, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends a message if that needs no waiting.
   *
   * @param message What to send
   * @returns Whether it was handed to the socket
   * @throws {TypeError} If the codec cannot carry the message
   * @throws {LeaseReleasedError} If the lease is over
   * @throws {ConnectionLostError} If the connection is lost
   * @throws {PoolClosedError} If the pool was closed
   */
  trySend(message: Outgoing): boolean {
    this.#assertHeld();
    const data = this.#connection.encode(message);
    this.#assertHeld();
    return this.#mailbox.trySend(data);
  }

  /**
   * Sends data past the codec.
   *
   * @param data What to send
   * @param options Bounds of the wait for room
   * @returns A promise for the hand-over to the socket
   * @throws {TypeError} If the data is nothing a WebSocket can send
   * @throws {LeaseReleasedError} If the lease is over
   * @throws {ConnectionLostError} If the connection is lost
   * @throws {PoolClosedError} If the pool was closed
   * @throws {DOMException} `TimeoutError` after `timeout`; nothing is sent
   * @throws {unknown} The signal's reason; nothing is sent
   */
  sendRaw(data: SendData, options?: SendOptions): Promise<void> {
    try {
      this.#assertHeld();
      assertSendable(data);
      const wait = resolveWait(options, "sendRaw");
      this.#assertHeld();
      return this.#mailbox.send(data, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Reads the next message.
   *
   * @param options Bounds of the wait
   * @returns A promise for the message
   * @throws {TypeError} If somebody else is reading
   * @throws {InvalidMessageError} If the message is invalid; the next read goes on
   * @throws {InboxOverflowError} If too many messages were unread, once they are read
   * @throws {LeaseReleasedError} If the lease is over, or ends meanwhile
   * @throws {ConnectionLostError} If the connection is closed or lost and everything is read
   * @throws {PoolClosedError} If the pool was closed
   * @throws {DOMException} `TimeoutError` after `timeout`
   * @throws {unknown} The signal's reason
   */
  receive(options?: ReceiveOptions): Promise<Incoming> {
    try {
      this.#assertHeld();
      const wait = resolveWait(options, "receive");
      this.#assertHeld();
      return this.#mailbox.receive(this, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Iterates over the messages.
   *
   * - Ends when the peer closes in good order (1000, 1001, no code) and when
   *   the lease is released.
   * - `break` leaves the lease alive and unread messages in place.
   *
   * @returns An iterator over the messages; its `next` rejects as `receive` does
   * @throws {LeaseReleasedError} If the lease is over
   * @throws {PoolClosedError} If the pool was closed
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Incoming> {
    this.#assertHeld();
    return new MessageIterator(this.#connection, this.#lease, this);
  }

  /**
   * Calls a function for each message, at once when it arrives: the way for
   * high rates.
   *
   * @param fn Called synchronously, one message after the other
   * @param options `signal` ends it, with the signal's reason
   * @returns A promise that settles as iteration would end
   * @throws {unknown} What `fn` throws, and whatever `receive` rejects with; the lease lives on
   */
  async forEach(
    fn: (message: Incoming) => void,
    options?: { signal?: AbortSignal },
  ): Promise<void> {
    this.#assertHeld();
    if (typeof fn !== "function") {
      throw new TypeError(`forEach needs a function, got ${typeName(fn)}`);
    }
    const wait = resolveWait(options, "forEach");
    this.#assertHeld();
    await this.#mailbox.flow(fn, this, wait);
  }

  /**
   * Gives the connection back.
   *
   * - The handle is dead at once; the promise is the reset's and the
   *   hand-over's, and never rejects.
   * - Unread messages are dropped and counted.
   * - Calling it again returns the same promise and changes nothing.
   *
   * @param options `discard` closes the connection instead
   * @returns A promise for the end of the hand-over
   */
  release(options?: ReleaseOptions): Promise<void> {
    return this.#released ??= release(
      this.#connection,
      this.#lease,
      options !== undefined && readDiscard(options),
    );
  }

  /**
   * Gives the connection back never to be used again.
   *
   * @returns A promise for the end of the hand-over; it never rejects
   */
  discard(): Promise<void> {
    return this.#released ??= release(this.#connection, this.#lease, true);
  }

  /**
   * Takes a snapshot of the connection's numbers.
   *
   * @returns The numbers; they go on after the release
   */
  stats(): ConnectionStats {
    return this.#connection.stats();
  }

  /**
   * Releases the connection, without waiting for a `reset`.
   */
  [Symbol.dispose](): void {
    this.#released ??= release(this.#connection, this.#lease, false);
  }

  /**
   * Releases the connection.
   *
   * @returns A promise for the end of the hand-over; it never rejects
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#released ??= release(this.#connection, this.#lease, false);
  }

  get #mailbox(): Mailbox<Incoming> {
    return this.#connection.mailbox;
  }

  get #isHeld(): boolean {
    return this.#connection.slot.lease === this.#lease;
  }

  /** Asked again after everything that may run user code: encoders, getters of options. */
  #assertHeld(): void {
    if (!this.#isHeld) throw this.#reasonItEnded();
  }

  #reasonItEnded(): Error {
    return this.#connection.reasonItEnded(this.#lease);
  }
}

/** Hand-written: an async generator needs so many turns per message that a fast server outruns it. */
class MessageIterator<Incoming, Outgoing>
  implements AsyncIterableIterator<Incoming> {
  readonly #connection: Connection<Incoming, Outgoing>;
  readonly #lease: number;
  /** Kept alive: a lease that is read is not a forgotten one. */
  readonly #handle: object;
  #isDone = false;

  constructor(
    connection: Connection<Incoming, Outgoing>,
    lease: number,
    handle: object,
  ) {
    this.#connection = connection;
    this.#lease = lease;
    this.#handle = handle;
  }

  next(): Promise<IteratorResult<Incoming>> {
    const connection = this.#connection;
    return this.#isDone || connection.slot.lease !== this.#lease
      ? this.#over()
      : connection.mailbox.next(this.#handle);
  }

  /** `break`: the lease and what is unread stay. */
  return(): Promise<IteratorResult<Incoming>> {
    this.#isDone = true;
    return this.#over();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Incoming> {
    return this;
  }

  /** The end of the lease is the end of the stream, unless it was taken away. */
  #over(): Promise<IteratorResult<Incoming>> {
    if (!this.#isDone) {
      const reason = this.#connection.reasonItEnded(this.#lease);
      if (!(reason instanceof LeaseReleasedError)) {
        return Promise.reject(reason);
      }
    }
    return Promise.resolve({ value: undefined, done: true });
  }
}

function readDiscard(options: ReleaseOptions): boolean {
  // A release must give the connection back whatever it is handed.
  if (typeof options !== "object" || options === null) return false;
  try {
    return Object.hasOwn(options, "discard") && options.discard === true;
  } catch {
    return true;
  }
}

function assertSendable(data: unknown): void {
  if (
    typeof data === "string" || data instanceof ArrayBuffer ||
    ArrayBuffer.isView(data) || data instanceof Blob
  ) return;
  throw new TypeError(
    `sendRaw takes a string, an ArrayBuffer, a view of one or a Blob, got ${
      typeName(data)
    }`,
  );
}
