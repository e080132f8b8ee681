import {
  type CallTables,
  createCallTables,
  ownBounds,
  requireBounds,
  type ResolvedAcquire,
  SIGNAL,
  TIMEOUT,
} from "./call_options.ts";
import { secretString, typeName } from "./checks.ts";
import { resolveConfig } from "./config.ts";
import { EventHub, type Listener } from "./event_hub.ts";
import type { PoolEventMap, PoolEventType } from "./events.ts";
import { announceLease, search, takeIdle, warm } from "./io/acquire.ts";
import { type Ask, createAsk } from "./io/asking.ts";
import {
  ENVIRONMENT,
  type Environment,
  systemEnvironment,
} from "./io/clock.ts";
import { Driver } from "./io/driver.ts";
import { Targets } from "./io/targets.ts";
import { requireHeaders } from "./io/web_socket.ts";
import { createLease, type PooledConnection } from "./lease.ts";
import { mapConcurrently } from "./mapping.ts";
import { readOptions } from "./option_table.ts";
import type {
  AcquireOptions,
  CloseOptions,
  ConnectionPoolConfig,
  MapOptions,
  TargetOptions,
  WarmOptions,
} from "./options.ts";
import { Reporter } from "./reporter.ts";
import type { CloseReport, PoolStats } from "./stats.ts";
import { describe } from "./thrown.ts";

/**
 * A pool of WebSocket connections.
 *
 * - Nothing is dialled and no timer set before the first `acquire` or `warm`.
 * - Connections are reused by key: address, subprotocols and `identity`.
 * - No more than `maxConnections` sockets are connecting, open or closing at
 *   once, besides those whose peers do not answer a close (`lingeringSockets`).
 * - Waiters of a key are served in order of arrival; a waiter of another key
 *   is overtaken at most `maxConnections` times while only room is missing.
 * - An open socket keeps the process alive: close the pool, or use
 *   `await using`.
 *
 * @example A stream
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ConnectionPool } from "@jetsocket/pool";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request) => {
 *   const { socket, response } = Deno.upgradeWebSocket(request);
 *   socket.onmessage = () => {
 *     for (const price of [1, 2, 3]) socket.send(JSON.stringify({ price }));
 *   };
 *   return response;
 * });
 *
 * await using pool = new ConnectionPool<{ price: number }>({
 *   baseUrl: `ws://localhost:${server.addr.port}`,
 *   maxConnections: 2,
 * });
 * const prices: number[] = [];
 * {
 *   await using conn = await pool.acquire("/ws/btcusdt");
 *   await conn.send({ subscribe: "trades" });
 *   for await (const { price } of conn) {
 *     prices.push(price);
 *     if (price === 3) break;
 *   }
 * }
 * assertEquals(prices, [1, 2, 3]);
 * ```
 *
 * @typeParam Incoming What the codec and the schema make of a received message
 * @typeParam Outgoing What the codec takes for sending
 */
export class ConnectionPool<Incoming = unknown, Outgoing = unknown>
  extends EventTarget
  implements AsyncDisposable {
  readonly #driver: Driver<Incoming, Outgoing>;
  readonly #targets: Targets<Incoming, Outgoing>;
  readonly #hub: EventHub;
  readonly #tables: CallTables<Incoming, Outgoing>;
  readonly #acquireTimeout: number;
  readonly #ask: Ask<Incoming, Outgoing, PooledConnection<Incoming, Outgoing>>;

  /**
   * Makes a pool. The options are copied: what happens to the object
   * afterwards changes nothing.
   *
   * @param config The options; each has a default
   * @throws {TypeError} If an option has the wrong type, or a name that does not exist
   * @throws {RangeError} If an option is out of range
   */
  constructor(config?: ConnectionPoolConfig<Incoming, Outgoing>) {
    super();
    const resolved = resolveConfig(config);
    const { headers, factory } = resolved.websocket;
    if (headers !== undefined) requireHeaders(factory, "websocket.headers");
    this.#tables = createCallTables(resolved);
    this.#acquireTimeout = resolved.acquireTimeout;
    const reporter = new Reporter(resolved.logger);
    this.#hub = new EventHub(
      (event) => this.dispatchEvent(event),
      (type, thrown) =>
        reporter.report(
          "error",
          `A listener for "${type}" threw: ${describe(thrown)}`,
        ),
    );
    this.#driver = new Driver(
      resolved,
      environmentOf(config),
      this.#hub,
      reporter,
      createLease,
    );
    this.#targets = new Targets(resolved, this.#driver.ledger);
    this.#ask = createAsk(this.#driver);
  }

  /** Whether `close` was called: no connection can be acquired any more. */
  get closed(): boolean {
    return this.#driver.isClosed;
  }

  /**
   * Leases a connection: an idle one of the same key, else a new one as soon
   * as the limits allow.
   *
   * - One deadline covers the wait, the dial and `onOpen`.
   * - The signal and the timeout bound the acquire, never the lease.
   *
   * @param urlOrPath A path below `baseUrl`, or a full `ws:`, `wss:`, `http:` or `https:` URL
   * @param options Bounds and particulars
   * @returns A promise for the lease
   * @throws {TypeError} If the address or an option is wrong
   * @throws {RangeError} If an option is out of range
   * @throws {PoolExhaustedError} If nothing was free in time, or the queue is full
   * @throws {ConnectError} If the connection cannot be opened
   * @throws {PoolClosedError} If the pool is or gets closed
   * @throws {unknown} The signal's reason
   *
   * @example Bounds
   * ```ts
   * import { assertRejects } from "@std/assert";
   * import { ConnectionPool } from "@jetsocket/pool";
   *
   * await using pool = new ConnectionPool({ baseUrl: "ws://localhost:1" });
   * await assertRejects(() => pool.acquire("/", { timeout: 1_000 }));
   * await assertRejects(
   *   () => pool.acquire("/", { signal: AbortSignal.timeout(10) }),
   * );
   * ```
   */
  acquire(
    urlOrPath: string | URL,
    options?: AcquireOptions<Incoming, Outgoing>,
  ): Promise<PooledConnection<Incoming, Outgoing>> {
    try {
      if (options !== undefined) return this.#acquireWith(urlOrPath, options);
      const key = this.#targets.find(urlOrPath);
      const connection = takeIdle(this.#driver, key);
      return connection === undefined
        ? this.#ask(key, false, this.#acquireTimeout)
        : Promise.resolve(createLease(connection, connection.slot.lease));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Leases an idle connection now, if there is one.
   *
   * @param urlOrPath As for `acquire`
   * @param options Particulars of the key
   * @returns The lease, or undefined if none is idle or somebody waits for one
   * @throws {TypeError} If the address or an option is wrong
   */
  tryAcquire(
    urlOrPath: string | URL,
    options?: TargetOptions,
  ): PooledConnection<Incoming, Outgoing> | undefined {
    const given = options === undefined
      ? undefined
      : readOptions(options, "tryAcquire", this.#tables.tryAcquire);
    const key = this.#targets.find(urlOrPath, given);
    if (key.waiting > 0) return undefined;
    const { tracksLeaks } = this.#driver.ledger;
    const stack = tracksLeaks ? new Error().stack : undefined;
    const connection = takeIdle(this.#driver, key) ??
      search(this.#driver, key, false, stack);
    if (connection === undefined) return undefined;
    // Before it is announced: a listener may end the lease at once.
    const lease = createLease(connection, connection.slot.lease);
    if (this.#driver.isWatched) announceLease(this.#driver, connection, 0);
    return lease;
  }

  /**
   * Runs a function with a leased connection and releases it; discards it if
   * the function throws.
   *
   * @param urlOrPath As for `acquire`
   * @param fn What to do with the connection
   * @param options As for `acquire`
   * @returns A promise for what `fn` returns
   * @throws {unknown} What `acquire` rejects with, and what `fn` throws
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { ConnectionPool } from "@jetsocket/pool";
   *
   * await using server = Deno.serve({ port: 0, onListen() {} }, (request) => {
   *   const { socket, response } = Deno.upgradeWebSocket(request);
   *   socket.onmessage = ({ data }) => socket.send(data);
   *   return response;
   * });
   * await using pool = new ConnectionPool();
   * const url = `ws://localhost:${server.addr.port}`;
   * const reply = await pool.use(url, async (conn) => {
   *   await conn.send("ping");
   *   return await conn.receive();
   * });
   * assertEquals(reply, "ping");
   * ```
   */
  async use<Result>(
    urlOrPath: string | URL,
    fn: (
      conn: PooledConnection<Incoming, Outgoing>,
    ) => Result | Promise<Result>,
    options?: AcquireOptions<Incoming, Outgoing>,
  ): Promise<Result> {
    requireFunction(fn, "use");
    const conn = await this.acquire(urlOrPath, options);
    let result: Result;
    try {
      result = await fn(conn);
    } catch (error) {
      await conn.discard();
      throw error;
    }
    await conn.release();
    return result;
  }

  /**
   * Runs a function for each item, each with a leased connection, several at
   * once.
   *
   * - Lazy: nothing begins before the first result is asked for.
   * - Results come in the order of the items.
   * - Leaving the loop early ends the source and the pending acquires, and
   *   waits for the calls under way; so does a failure, which is then thrown.
   *
   * @param items What to work on
   * @param urlOf The address for an item, as for `acquire`
   * @param fn What to do with a connection and an item
   * @param options How many at once
   * @returns The results, as an async iterable to be iterated once
   * @throws {TypeError} If an argument is wrong
   * @throws {RangeError} If `concurrency` is out of range
   */
  map<Item, Result>(
    items: Iterable<Item> | AsyncIterable<Item>,
    urlOf: (item: Item) => string | URL,
    fn: (
      conn: PooledConnection<Incoming, Outgoing>,
      item: Item,
    ) => Result | Promise<Result>,
    options?: MapOptions,
  ): AsyncIterableIterator<Result> {
    requireFunction(urlOf, "map");
    requireFunction(fn, "map");
    const { concurrency } = readOptions(options, "map", this.#tables.map);
    return mapConcurrently<Item, Result>({
      items,
      concurrency: Math.min(concurrency, Number.MAX_SAFE_INTEGER),
      work: (item, signal) =>
        this.use(urlOf(item), (conn) => fn(conn, item), { signal }),
    });
  }

  /**
   * Opens connections ahead of need, until `count` of the key are idle.
   *
   * - Takes nothing from anybody: it dials only where there is room, and ends
   *   when there is none.
   *
   * @param urlOrPath As for `acquire`
   * @param options How many, and the bounds
   * @returns A promise for the number of idle connections of the key, also when a dial failed or the time was over
   * @throws {TypeError} If the address or an option is wrong
   * @throws {RangeError} If an option is out of range
   * @throws {PoolClosedError} If the pool is or gets closed
   * @throws {unknown} The signal's reason
   */
  async warm(
    urlOrPath: string | URL,
    options?: WarmOptions,
  ): Promise<number> {
    const given = readOptions(options, "warm", this.#tables.warm);
    const { count, timeout, signal } = given;
    const key = this.#targets.find(urlOrPath, given);
    return await new Promise((settle, refuse) => {
      const ticket = { settle, refuse, signal };
      warm(this.#driver, key, count, timeout, ticket);
    });
  }

  /**
   * Retires every present connection: idle ones now, leased ones when they are
   * released, dials in flight on arrival. Failing addresses may be dialled at
   * once again.
   *
   * @param reason Why, in your words, for the `logger`
   * @throws {TypeError} If the reason is no string
   */
  clear(reason?: string): void {
    this.#driver.clear(secretString(undefined)(reason, "clear.reason"));
  }

  /**
   * Takes a snapshot of the pool.
   *
   * @returns The numbers, frozen
   */
  stats(): PoolStats {
    return this.#driver.stats();
  }

  /**
   * Closes the pool.
   *
   * - Waiters are refused at once with `PoolClosedError`; leases may go on for
   *   `drainTimeout`, then they end with it too.
   * - Always resolves: sockets that do not answer within `closeTimeout` are
   *   abandoned and counted.
   * - Afterwards no timer or listener of the pool remains. The process ends by
   *   itself unless `abandoned` is above 0: no standard API can end a socket
   *   whose peer never answers.
   * - Calling it again joins the first call.
   *
   * @param options How long leases may go on, and what the peers are told
   * @returns A promise for what was done
   * @throws {TypeError} If an option has the wrong type; nothing is closed
   * @throws {RangeError} If an option is out of range; nothing is closed
   */
  close(options?: CloseOptions): Promise<CloseReport> {
    const { closing } = this.#driver;
    if (closing !== undefined) return closing.promise;
    try {
      return this.#driver.close(
        readOptions(options, "close", this.#tables.close),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Closes the pool.
   *
   * @returns A promise for the end of the close
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Adds a listener. What it throws is reported to the `logger`, else to the
   * console, and disturbs nothing.
   *
   * @param type The event
   * @param listener What to call
   * @param options As for any `EventTarget`
   */
  override addEventListener<Type extends PoolEventType>(
    type: Type,
    listener:
      | ((event: PoolEventMap[Type]) => void)
      | { handleEvent(event: PoolEventMap[Type]): void }
      | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /**
   * Adds a listener for an event of your own.
   *
   * @param type The event
   * @param listener What to call
   * @param options As for any `EventTarget`
   */
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: Listener | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    if (listener === null) return;
    const wrapped = this.#hub.add(type, listener, options);
    if (wrapped === undefined) return;
    try {
      super.addEventListener(type, wrapped, options);
    } catch (error) {
      this.#hub.remove(type, listener, options);
      throw error;
    }
  }

  /**
   * Removes a listener.
   *
   * @param type The event
   * @param listener What was given to `addEventListener`
   * @param options As for any `EventTarget`
   */
  override removeEventListener<Type extends PoolEventType>(
    type: Type,
    listener:
      | ((event: PoolEventMap[Type]) => void)
      | { handleEvent(event: PoolEventMap[Type]): void }
      | null,
    options?: boolean | EventListenerOptions,
  ): void;
  /**
   * Removes a listener for an event of your own.
   *
   * @param type The event
   * @param listener What was given to `addEventListener`
   * @param options As for any `EventTarget`
   */
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: Listener | null,
    options?: boolean | EventListenerOptions,
  ): void {
    if (listener === null) return;
    const wrapped = this.#hub.remove(type, listener, options);
    if (wrapped !== undefined) {
      super.removeEventListener(type, wrapped, options);
    }
  }

  /** Apart from `acquire`: what is small, engines put where it is called. */
  #acquireWith(
    urlOrPath: string | URL,
    options: AcquireOptions<Incoming, Outgoing>,
  ): Promise<PooledConnection<Incoming, Outgoing>> {
    let signal: AbortSignal | undefined;
    let timeout: number | undefined;
    let given: ResolvedAcquire<Incoming, Outgoing> | undefined;
    const own = ownBounds(options);
    if (own !== undefined) {
      if (own & SIGNAL) signal = options.signal;
      if (own & TIMEOUT) timeout = options.timeout;
      requireBounds(signal, timeout, "acquire");
    } else {
      given = readOptions(options, "acquire", this.#tables.acquire);
      ({ signal, timeout } = given);
    }
    const key = this.#targets.find(urlOrPath, given);
    // Whether it has aborted is asked last: of a signal that costs as much as a lease.
    const connection = !key.idle.length || given?.fresh || signal?.aborted
      ? undefined
      : takeIdle(this.#driver, key);
    if (connection === undefined) {
      return this.#ask(
        key,
        given?.fresh ?? false,
        timeout ?? this.#acquireTimeout,
        signal,
        given?.onReconnect,
      );
    }
    if (given !== undefined) connection.onReconnect = given.onReconnect;
    return Promise.resolve(createLease(connection, connection.slot.lease));
  }
}

/** Tests bring their own clock and random numbers. */
function environmentOf(
  config: object & { readonly [ENVIRONMENT]?: Environment } = {},
): Environment {
  return config[ENVIRONMENT] ?? systemEnvironment;
}

function requireFunction(value: unknown, caller: string): void {
  if (typeof value === "function") return;
  throw new TypeError(`${caller} needs a function, got ${typeName(value)}`);
}
