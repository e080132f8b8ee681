/** Data as a `WebSocket` carries it. */
export type WireData = string | ArrayBuffer;

/** Data that a `WebSocket` takes for sending. */
export type SendData = string | ArrayBuffer | ArrayBufferView | Blob;

/** The events of a `WebSocket` that the pool listens to. */
export type SocketEventType =
  | "open"
  | "message"
  | "error"
  | "close"
  | "pong";

/** What the pool reads of a `WebSocket`'s events. */
export interface SocketEvent {
  /** Which event it is. */
  readonly type: string;
  /** Of `message`: the message. */
  readonly data?: unknown;
  /** Of `close`: the close code. */
  readonly code?: number;
  /** Of `close`: the peer's words. */
  readonly reason?: string;
  /** Of `close`: whether the handshake was completed. */
  readonly wasClean?: boolean;
}

/**
 * The part of the standard `WebSocket` that the pool uses.
 *
 * - The global `WebSocket` of Deno, Node, Bun and browsers fits, and so do the
 *   npm package `ws` and a fake.
 */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes handed to `send` that have not left the process. */
  readonly bufferedAmount: number;
  /** The subprotocol the server chose, empty for none. */
  readonly protocol: string;
  /** Set to `arraybuffer` by the pool. */
  binaryType: string;
  /** Sends a message. The pool sends no `SharedArrayBuffer`; Bun's own type fits only if it is named. */
  send(data: SendData | SharedArrayBuffer): void;
  /** Begins the close handshake. */
  close(code?: number, reason?: string): void;
  /** Adds a listener. */
  addEventListener(
    type: SocketEventType,
    listener: (event: SocketEvent) => void,
  ): void;
  /** Removes a listener. */
  removeEventListener(
    type: SocketEventType,
    listener: (event: SocketEvent) => void,
  ): void;
  /** Sends a ping frame, where the implementation can (Bun, npm `ws`). Pongs are heard as the event `pong`. */
  ping?(): void;
  /** Node's way of listening, which npm `ws` uses for `pong`. Who has it ends the process with an `error` that nobody hears: the pool hears it for as long as it may come. */
  on?(type: "pong", listener: () => void): unknown;
  /** Ends the connection without a handshake, where the implementation can (Bun, npm `ws`). */
  terminate?(): void;
}

/** Translates between messages and wire data. Either function may throw. */
export interface Codec<Incoming = unknown, Outgoing = unknown> {
  /** Turns a message into data to send. */
  encode(message: Outgoing): string | ArrayBuffer | ArrayBufferView;
  /** Turns received data into a message. */
  decode(data: string | ArrayBuffer): Incoming;
}

/** The part of [Standard Schema](https://standardschema.dev) version 1 that the pool uses: Zod, Valibot, ArkType and others fit. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  /** The schema's properties, under the name the specification gives them. */
  readonly "~standard": {
    /** The version of the specification. */
    readonly version: 1;
    /** The library that made the schema. */
    readonly vendor: string;
    /** Validates a value; the pool does not accept a promise. */
    readonly validate: (
      value: unknown,
    ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
    /** The types, for inference only. */
    readonly types?: { readonly input: Input; readonly output: Output };
  };
}

/** What a Standard Schema's `validate` returns. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

/** One reason why a value was refused; only the path is ever shown. */
export interface StandardSchemaIssue {
  /** The library's words. */
  readonly message: string;
  /** Where in the value. */
  readonly path?:
    | readonly (PropertyKey | { readonly key: PropertyKey })[]
    | undefined;
}

/** Where the pool reports what nobody else hears of. `console` fits, and so does an `@std/log` logger. */
export interface Logger {
  /** Reports a detail. */
  debug(message: string): void;
  /** Reports an event. */
  info(message: string): void;
  /** Reports something to look at. */
  warn(message: string): void;
  /** Reports a failure. */
  error(message: string): void;
}

/** Bounds of one `send`. */
export interface SendOptions {
  /** Ends the wait for room; the message is then not sent. */
  signal?: AbortSignal;
  /** Longest wait for room, in ms. */
  timeout?: number;
}

/** Bounds of one `receive`. */
export interface ReceiveOptions {
  /** Ends the wait for a message. */
  signal?: AbortSignal;
  /** Longest wait for a message, in ms. */
  timeout?: number;
}

/** The connection as a hook sees it; valid until the hook settles. */
export interface HookContext<Incoming = unknown, Outgoing = unknown> {
  /** Number of the connection in its pool. */
  readonly id: number;
  /** The address, redacted. */
  readonly url: string;
  /** The `identity` of its key. */
  readonly identity: string;
  /** The subprotocol the server chose, empty for none. */
  readonly protocol: string;
  /** Aborts when the hook's time is over or the connection is gone. */
  readonly signal: AbortSignal;
  /** Sends a message through the codec. */
  send(message: Outgoing, options?: SendOptions): Promise<void>;
  /** Sends data past the codec. */
  sendRaw(data: SendData, options?: SendOptions): Promise<void>;
  /** Resolves with the next message. */
  receive(options?: ReceiveOptions): Promise<Incoming>;
}

/** What the functions for an address and for headers are told about a dial. */
export interface DialContext {
  /** The address, without userinfo. It may hold secrets: it is not redacted. */
  readonly url: string;
  /** The `identity` of the key. */
  readonly identity: string;
  /** The subprotocols that are offered. */
  readonly protocols: readonly string[];
  /** Which attempt in a row this is, from 1. */
  readonly attempt: number;
  /** Aborts when the dial's time is over. */
  readonly signal: AbortSignal;
}

/** What `classify` is asked about. */
export interface ConnectionFailure {
  /** Which part failed; `lost` for a connection that was open. */
  readonly phase: "resolve" | "dial" | "protocol" | "open-hook" | "lost";
  /** The close code, if the socket closed; 1006 where there was none. */
  readonly closeCode?: number;
  /** The peer's words. */
  readonly closeReason?: string;
  /** Whether the peer ended the connection in good order. */
  readonly wasClean?: boolean;
  /** Which failure in a row this is, from 1. */
  readonly attempt: number;
  /** What user code threw, as plain data. */
  readonly cause?: unknown;
}

/**
 * How a leased connection is carried over a loss, and how dials of a failing
 * address are spaced: exponential backoff with jitter.
 */
export interface ReconnectConfig {
  /**
   * Longest delay after the first failure, in ms.
   *
   * @default {1_000}
   */
  minDelay?: number;
  /**
   * Cap on the delay, in ms.
   *
   * @default {60_000}
   */
  maxDelay?: number;
  /**
   * Growth of the delay per failure.
   *
   * @default {2}
   */
  multiplier?: number;
  /**
   * Share of the delay that is drawn at random: 1 is full jitter, 0 none.
   *
   * @default {1}
   */
  jitter?: number;
  /**
   * Failed attempts in a row after which the lease ends.
   *
   * @default {Infinity}
   */
  maxAttempts?: number;
  /**
   * A connection that was open for less does not reset the backoff, in ms.
   *
   * @default {60_000}
   */
  resetAfter?: number;
}

/** When a heartbeat asks and how long it waits. */
export interface HeartbeatTiming {
  /**
   * How often a leased connection is pinged, in ms.
   *
   * @default {30_000}
   */
  interval?: number;
  /**
   * Silence after a ping that loses the socket, in ms; below `interval`. If not given: `interval / 2`, at most 10_000.
   */
  timeout?: number;
  /**
   * Silence that loses the socket without any ping, in ms.
   *
   * @default {Infinity}
   */
  maxSilence?: number;
}

/** A heartbeat in messages, through the codec. */
export interface MessageHeartbeat<Incoming, Outgoing> extends HeartbeatTiming {
  /**
   * Whether the three below see and give wire data.
   *
   * @default {false}
   */
  raw?: false;
  /** What is sent as a ping. */
  ping?: NoInfer<Outgoing> | (() => NoInfer<Outgoing>);
  /** Recognises the answer, which then does not reach the lease. */
  isPong?: (message: NoInfer<Incoming>) => boolean;
  /** Answers the server's own pings, leased or idle; an answered message does not reach the lease. */
  reply?: (message: NoInfer<Incoming>) => NoInfer<Outgoing> | undefined;
}

/** A heartbeat in wire data, before the codec. */
export interface RawHeartbeat extends HeartbeatTiming {
  /** Whether the three below see and give wire data. */
  raw: true;
  /** What is sent as a ping. */
  ping?: WireData | (() => WireData);
  /** Recognises the answer, which then does not reach the lease. */
  isPong?: (data: WireData) => boolean;
  /** Answers the server's own pings, leased or idle; an answered message does not reach the lease. */
  reply?: (data: WireData) => WireData | undefined;
}

/** How it is noticed that a peer has gone without a word. */
export type HeartbeatConfig<Incoming = unknown, Outgoing = unknown> =
  | MessageHeartbeat<Incoming, Outgoing>
  | RawHeartbeat;

/** What an `onOpen` hook is told about the dial. */
export interface OpenContext {
  /** Whether this socket replaces a lost one of the same connection. */
  readonly reconnected: boolean;
  /** Which attempt in a row this is, from 1. */
  readonly attempt: number;
}

/** Bounds of the messages that wait to be read. */
export interface InboxConfig {
  /**
   * Messages.
   *
   * @default {10_000}
   */
  capacity?: number;
  /**
   * Bytes of binary data, UTF-16 code units of text.
   *
   * @default {67_108_864}
   */
  maxBytes?: number;
  /**
   * What happens beyond: the lease's reads fail once the buffer is empty and
   * the connection is discarded; or the oldest, or the newest messages go,
   * counted and with a `gap` event.
   *
   * @default {"error"}
   */
  overflow?: "error" | "drop-oldest" | "drop-newest";
}

/** Everything about one connection. */
export interface WebSocketConfig<Incoming = unknown, Outgoing = unknown> {
  /** Subprotocols to offer; part of the key. The server must choose one of them. */
  protocols?: string | string[];
  /** Headers of the handshake, where the runtime can send them (Deno, Node, Bun). With `baseUrl` a static list goes only to its origin; a function is asked for every dial. */
  headers?:
    | HeadersInit
    | ((context: DialContext) => HeadersInit | Promise<HeadersInit>);
  /**
   * Names the credentials, as part of the key. Never the token itself.
   *
   * @default {""}
   */
  identity?: string;
  /** Has the last word on the address of each dial (fresh tokens). What it returns is not part of the key and never shown. */
  resolveUrl?: (context: DialContext) => URL | string | Promise<URL | string>;
  /**
   * Whether a leased connection is carried over a loss: same lease, new socket.
   *
   * @default {false}
   */
  reconnect?: boolean | ReconnectConfig;
  /** How it is noticed that the peer has gone; a number is the interval, in ms. */
  heartbeat?: number | HeartbeatConfig<Incoming, Outgoing>;
  /** Decides whether another attempt makes sense. If not given, close codes 1002, 1003, 1007 to 1010, 4401, 4403 and a wrong subprotocol are fatal. */
  classify?: (failure: ConnectionFailure) => "retry" | "fatal";
  /**
   * Bound on one dial, `onOpen` included, in ms.
   *
   * @default {5_000}
   */
  connectTimeout?: number;
  /**
   * Bound on the close handshake, in ms; then the socket is abandoned and counted as lingering.
   *
   * @default {5_000}
   */
  closeTimeout?: number;
  /**
   * How messages are written and read.
   *
   * @default {"json"}
   */
  codec?: "json" | "text" | "raw" | Codec<Incoming, Outgoing>;
  /** Validates and types every decoded message. */
  schema?: StandardSchemaV1<unknown, Incoming>;
  /**
   * Whether an undecodable or invalid message is thrown at the reader or skipped, counted and with a `gap` event.
   *
   * @default {"throw"}
   */
  onInvalid?: "throw" | "skip";
  /** Bounds of the unread messages; a number is the capacity. */
  inbox?: number | InboxConfig;
  /**
   * `send` waits while the socket holds more unsent bytes than this.
   *
   * @default {1_048_576}
   */
  sendHighWaterMark?: number;
  /** Runs after every dial, before the connection is handed out: login, subscriptions. */
  onOpen?: (
    conn: HookContext<Incoming, Outgoing>,
    context: OpenContext,
  ) => void | Promise<void>;
  /** Makes the sockets, in place of `globalThis.WebSocket`. */
  factory?: (
    url: string,
    init: { protocols: string[]; headers?: Headers },
  ) => WebSocketLike;
}

/**
 * Options of a {@linkcode ConnectionPool}. All durations are in ms;
 * `Infinity` switches a limit off.
 */
export interface ConnectionPoolConfig<Incoming = unknown, Outgoing = unknown> {
  /** What paths are appended to. */
  baseUrl?: string | URL;
  /**
   * Sockets at once over all keys: connecting, open and closing.
   *
   * @default {10}
   */
  maxConnections?: number;
  /**
   * Sockets at once per key.
   *
   * @default {Infinity}
   */
  maxConnectionsPerKey?: number;
  /**
   * Handshakes in flight at once.
   *
   * @default {4}
   */
  maxConnecting?: number;
  /**
   * Acquires that may wait without a free slot or a dial in flight reserved for them; 0 fails at once when the pool is full.
   *
   * @default {Infinity}
   */
  maxWaiting?: number;
  /**
   * An idle connection older than this is retired, in ms.
   *
   * @default {300_000}
   */
  maxIdleTime?: number;
  /**
   * A connection is retired at this age, in ms; each gets up to 10 % less, at random.
   *
   * @default {Infinity}
   */
  maxLifetime?: number;
  /**
   * How often an idle connection is probed, in ms.
   *
   * @default {30_000}
   */
  healthCheckInterval?: number;
  /**
   * A probe unanswered by then has failed, in ms.
   *
   * @default {5_000}
   */
  healthCheckTimeout?: number;
  /** Probes an idle connection; false or an error retires it. Without it the socket's state is checked. */
  healthCheck?: (
    conn: HookContext<Incoming, Outgoing>,
  ) => boolean | Promise<boolean>;
  /**
   * Bound on a whole acquire, in ms: wait, dial and `onOpen`.
   *
   * @default {10_000}
   */
  acquireTimeout?: number;
  /** Cleans a connection up between two leases; failure discards it. */
  reset?: (conn: HookContext<Incoming, Outgoing>) => void | Promise<void>;
  /**
   * Bound on `reset`, in ms.
   *
   * @default {5_000}
   */
  resetTimeout?: number;
  /**
   * Whether a message on an idle connection is dropped, or retires it. It is counted in either case.
   *
   * @default {"discard"}
   */
  idleMessages?: "discard" | "retire";
  /**
   * A lease held longer, in ms, raises one `leak` event with the stack of its acquire.
   *
   * @default {Infinity}
   */
  leakThreshold?: number;
  /** Dials allowed per sliding interval (in ms), reconnects included. */
  connectRate?: { limit: number; interval: number };
  /** Everything about one connection. */
  websocket?: WebSocketConfig<Incoming, Outgoing>;
  /** How addresses are shown, where a path holds a secret. Userinfo is never handed to it. */
  redactUrl?: (url: URL) => string;
  /** Where the pool reports what nobody else hears of. */
  logger?: Logger;
}

/** Options that name a connection beside its address. */
export interface TargetOptions {
  /** Subprotocols to offer, in place of the pool's. */
  protocols?: string | string[];
  /** Names the credentials, in place of the pool's. */
  identity?: string;
}

/** Options of one acquire. */
export interface AcquireOptions<Incoming = unknown, Outgoing = unknown>
  extends TargetOptions {
  /** Bound on this acquire in ms, in place of `acquireTimeout`; 0 takes only what can be had now. */
  timeout?: number;
  /** Ends the acquire, with the signal's reason; not the lease. */
  signal?: AbortSignal;
  /** Asks for a connection that nobody has leased before. */
  fresh?: boolean;
  /** Renews what this lease had subscribed to, after `onOpen` on each new socket. */
  onReconnect?: (
    conn: HookContext<Incoming, Outgoing>,
  ) => void | Promise<void>;
}

/** Options of `warm`. */
export interface WarmOptions extends TargetOptions {
  /**
   * Idle connections wanted.
   *
   * @default {1}
   */
  count?: number;
  /** Bound on the call in ms, in place of `acquireTimeout`. */
  timeout?: number;
  /** Ends the call, with the signal's reason; its dials go on. */
  signal?: AbortSignal;
}

/** Options of `close`. */
export interface CloseOptions {
  /**
   * How long leases may go on, in ms.
   *
   * @default {0}
   */
  drainTimeout?: number;
  /**
   * Close code for the peers: 1000 or 3000 to 4999.
   *
   * @default {1000}
   */
  code?: number;
  /** Close reason for the peers; cut at 123 bytes of UTF-8. */
  reason?: string;
}

/** Options of `map`. */
export interface MapOptions {
  /** Calls of `fn` at once; the pool's `maxConnections` if not given. */
  concurrency?: number;
}

/** How a lease is given back. */
export interface ReleaseOptions {
  /** Close the connection instead of returning it. */
  discard?: boolean;
}
