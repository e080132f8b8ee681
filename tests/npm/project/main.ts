/**
 * A user's program, for the type checker alone: what the package declares must
 * fit what its users write, and refuse what they should not.
 *
 * @module
 */
import {
  type AnyJetSocketError,
  type Codec,
  ConnectionPool,
  type ConnectionPoolConfig,
  JetSocketError,
  type PooledConnection,
  PoolExhaustedError,
  type PoolStats,
  type RetireReason,
  type StandardSchemaV1,
} from "@jetsocket/pool";

/** Compiles only if both types are the same. */
function same<A, B>(
  _yes: (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2)
    ? true
    : false,
): void {}

interface Trade {
  readonly price: number;
}

interface Subscription {
  readonly subscribe: string;
}

export async function typedPool(): Promise<number[]> {
  await using pool = new ConnectionPool<Trade, Subscription>({
    baseUrl: new URL("wss://stream.example.com"),
    websocket: { reconnect: { maxDelay: 5_000 }, heartbeat: 20_000 },
  });
  await using conn = await pool.acquire("/ws/btcusdt", {
    timeout: 1_000,
    onReconnect: (conn) => conn.send({ subscribe: "trades" }),
  });
  await conn.send({ subscribe: "trades" });
  // @ts-expect-error Not what this pool sends
  await conn.send({ unsubscribe: "trades" });
  const prices: number[] = [];
  for await (const trade of conn) {
    same<typeof trade, Trade>(true);
    prices.push(trade.price);
    if (prices.length === 10) break;
  }
  await conn.forEach((trade) => void prices.push(trade.price));
  return prices;
}

export function untypedPool(): void {
  using conn = new ConnectionPool().tryAcquire("wss://stream.example.com");
  same<typeof conn, PooledConnection<unknown, unknown> | undefined>(true);
}

export function inferredFromCodec(): void {
  const codec: Codec<Date, number> = {
    encode: (time) => String(time),
    decode: (data) => new Date(String(data)),
  };
  const pool = new ConnectionPool({ websocket: { codec } });
  same<typeof pool, ConnectionPool<Date, number>>(true);
}

export function inferredFromSchema(
  schema: StandardSchemaV1<unknown, Trade>,
): void {
  const pool = new ConnectionPool({
    websocket: {
      schema,
      heartbeat: { raw: true, ping: "ping", isPong: (data) => data === "pong" },
    },
  });
  same<Awaited<ReturnType<typeof received>>, Trade>(true);
  async function received() {
    return await pool.use("/ws", (conn) => conn.receive());
  }
}

export function typedEvents(pool: ConnectionPool): void {
  const abort = new AbortController();
  pool.addEventListener("retire", (event) => {
    same<typeof event.reason, RetireReason>(true);
    same<typeof event.connectionId, number>(true);
  }, { once: true, signal: abort.signal });
  pool.addEventListener("gap", { handleEvent: (event) => event.connectionId });
  pool.addEventListener(
    "an event of my own",
    (event) => event.preventDefault(),
  );
  pool.removeEventListener("close", null, { capture: true });
  pool.addEventListener(
    "connect",
    // @ts-expect-error There is no such field
    (event) => event.password,
  );
}

export function narrowedErrors(error: AnyJetSocketError): string {
  switch (error.code) {
    case "POOL_EXHAUSTED":
      same<typeof error, PoolExhaustedError>(true);
      return `${error.waitingFor} ${error.stats.waiting}`;
    case "CONNECT_FAILED":
      return `${error.phase} ${error.url} ${error.fatal}`;
    case "CONNECTION_LOST":
      return `${error.closeCode} ${error.closeReason}`;
    case "HEARTBEAT_TIMEOUT":
      return `${error.silence} ms`;
    case "INBOX_OVERFLOW":
      return `${error.capacity}`;
    case "INVALID_MESSAGE":
      return `${error.size}`;
    case "POOL_CLOSED":
    case "LEASE_RELEASED":
      return error.message;
    default:
      same<typeof error, never>(true);
      return error;
  }
}

export function errorsAreErrors(thrown: unknown): boolean {
  if (thrown instanceof PoolExhaustedError) {
    same<typeof thrown.code, "POOL_EXHAUSTED">(true);
  }
  return thrown instanceof JetSocketError && thrown instanceof Error;
}

/** Where the names of `lib.dom` stand in options, the runtime's own fit. */
export const options: ConnectionPoolConfig = {
  websocket: {
    headers: async ({ url, signal }) => {
      signal.throwIfAborted();
      return new Headers({ authorization: await token(url) });
    },
    factory: (url, { protocols }) => new WebSocket(url, protocols),
  },
  logger: console,
};

export const lists: readonly ConnectionPoolConfig[] = [
  { websocket: { headers: { authorization: "secret" } } },
  { websocket: { headers: [["authorization", "secret"]] } },
  // @ts-expect-error A header has a name
  { websocket: { headers: 1 } },
  // @ts-expect-error No such option
  { maxConnection: 1 },
];

export function readonlyStats(stats: PoolStats): number {
  // @ts-expect-error A snapshot cannot be written to
  stats.waiting = 0;
  return [...stats.byKey.values()].reduce(
    (sum, { idleConnections }) => sum + idleConnections,
    stats.retired.idle,
  );
}

export async function lazily(pool: ConnectionPool): Promise<string[]> {
  const lengths: string[] = [];
  for await (
    const length of pool.map(
      ["btc", "eth"],
      (symbol) => `/ws/${symbol}`,
      (conn, symbol) => Promise.resolve(`${symbol} ${conn.bufferedAmount}`),
      { concurrency: 2 },
    )
  ) lengths.push(length);
  return lengths;
}

function token(url: string): Promise<string> {
  return Promise.resolve(url);
}
