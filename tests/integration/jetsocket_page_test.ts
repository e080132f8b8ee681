/**
 * The page of JetSocket (Python) about its pool, section by section, as a user
 * of this library writes it.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  ConnectionPool,
  type ConnectionPoolConfig,
  PoolExhaustedError,
} from "@jetsocket/pool";
import { startMarketServer } from "../../examples/market_server.ts";
import { type Command, type Trade, tradeSchema } from "../../examples/trade.ts";
import { EchoServer } from "../support/echo_server.ts";
import { nextEvent } from "./pool_events.ts";

Deno.test("JetSocket's page, basic usage: a lease is had, used and given back", async () => {
  await using exchange = startMarketServer({ intervalMs: 5 });
  await using pool = new ConnectionPool<Trade, Command>({
    baseUrl: exchange.url,
    maxConnections: 10,
    websocket: { schema: tradeSchema },
  });
  const symbols: string[] = [];
  {
    await using conn = await pool.acquire("/ws/btcusdt");
    await conn.send({ subscribe: "trades" });
    for await (const trade of conn) {
      if (symbols.push(trade.symbol) === 3) break;
    }
  }
  assertEquals(symbols, ["btcusdt", "btcusdt", "btcusdt"]);
  assertEquals(pool.stats().activeConnections, 0);
  assertEquals(exchange.accepted, 1);
});

Deno.test("JetSocket's page, configuration options: all are taken, and all can be left out", async () => {
  const config: ConnectionPoolConfig = {
    baseUrl: "wss://stream.example.com",
    maxConnections: 20,
    maxIdleTime: 300_000,
    healthCheckInterval: 30_000,
    acquireTimeout: 10_000,
  };
  await using _configured = new ConnectionPool(config);
  await using _plain = new ConnectionPool();
  // The names of the Python page are typos here, and said to be so.
  const pythonic: object = { max_connections: 20 };
  assertThrows(
    () => new ConnectionPool(pythonic),
    TypeError,
    "max_connections",
  );
});

Deno.test("JetSocket's page, configuration options: ten connections are the default limit", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  await Promise.all(
    Array.from({ length: 10 }, (_, index) => pool.acquire(`/${index}`)),
  );
  const error = await assertRejects(
    () => pool.acquire("/eleventh", { timeout: 50 }),
    PoolExhaustedError,
  );
  assertEquals(error.maxConnections, 10);
  assertEquals(server.maxOpen, 10);
});

Deno.test("JetSocket's page, acquiring: with a path, a full URL, a timeout, a signal", async () => {
  await using server = EchoServer.start();
  await using elsewhere = EchoServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("/v1") });
  {
    await using conn = await pool.acquire("/ws/btcusdt");
    assertEquals(conn.url, server.url("/v1/ws/btcusdt"));
  }
  {
    await using conn = await pool.acquire(elsewhere.url("/stream"));
    assertEquals(conn.url, elsewhere.url("/stream"));
  }
  {
    await using conn = await pool.acquire("/ws/ethusdt", { timeout: 5_000 });
    assert(conn.isConnected);
  }
  {
    const signal = AbortSignal.timeout(5_000);
    await using conn = await pool.acquire("/ws/solusdt", { signal });
    assert(conn.isConnected);
  }
  assertEquals(elsewhere.requests.map(({ path }) => path), ["/stream"]);
});

Deno.test("JetSocket's page, connection reuse: the second lease has the first one's connection", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  let first: number;
  {
    await using conn = await pool.acquire("/ws/btcusdt");
    assertEquals(conn.reused, false);
    first = conn.id;
  }
  {
    await using conn = await pool.acquire("/ws/btcusdt");
    assertEquals([conn.id, conn.reused], [first, true]);
  }
  assertEquals(server.total, 1);
});

Deno.test("JetSocket's page, statistics: the page's fields, by our names", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  await using conn = await pool.acquire("/ws/btcusdt");
  await using _other = await pool.acquire("/ws/ethusdt");
  await pool.use("/ws/solusdt", () => {});
  await conn.send("hello");
  assertEquals(await conn.receive(), "hello");
  const stats = pool.stats();
  assertEquals(
    [stats.activeConnections, stats.idleConnections, stats.totalConnections],
    [2, 1, 3],
  );
  assertEquals(
    [stats.totalMessagesSent, stats.totalMessagesReceived],
    [1, 1],
  );
  const frame = JSON.stringify("hello").length;
  assertEquals([stats.totalBytesSent, stats.totalBytesReceived], [
    frame,
    frame,
  ]);
  assertEquals(stats.waiting, 0);
});

Deno.test("JetSocket's page, health checks: idle connections are probed, bad ones replaced", async () => {
  await using server = EchoServer.start();
  let isHealthy = true;
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    healthCheckInterval: 20,
    healthCheck: async (conn) => {
      await conn.send("ping");
      return await conn.receive() === "ping" && isHealthy;
    },
  });
  await pool.use("/ws/btcusdt", () => {});
  assertEquals((await nextEvent(pool, "healthcheck")).reason, "passed");
  isHealthy = false;
  assertEquals((await nextEvent(pool, "retire")).reason, "probe");
  assert(server.messages.length >= 2);
  await using conn = await pool.acquire("/ws/btcusdt");
  assertEquals([conn.id, conn.reused], [2, false]);
});

Deno.test("JetSocket's page, health checks: an idle connection older than maxIdleTime goes", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxIdleTime: 30,
  });
  await pool.use("/ws/btcusdt", () => {});
  assertEquals((await nextEvent(pool, "retire")).reason, "idle");
  await server.until(() => server.open === 0);
});

Deno.test("JetSocket's page, exhaustion: the error has the limit and the time", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: 1,
  });
  await using _held = await pool.acquire("/ws/btcusdt");
  try {
    await using _conn = await pool.acquire("/ws/ethusdt", { timeout: 40 });
    assert(false, "the pool has one connection only");
  } catch (error) {
    assert(error instanceof PoolExhaustedError);
    assertEquals([error.maxConnections, error.timeout], [1, 40]);
    assertEquals([error.reason, error.waitingFor], ["timeout", "slot"]);
    assertStringIncludes(
      error.message,
      `Cannot acquire ${server.url("/ws/ethusdt")} within 40 ms: ` +
        "all 1 connections are leased",
    );
    assertStringIncludes(error.message, "Raise maxConnections");
  }
});

Deno.test("JetSocket's page, custom WebSocket configuration: headers, subprotocols, codec, limits", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    websocket: {
      headers: { "X-Client": "seed" },
      protocols: ["trades.v2", "trades.v1"],
      codec: "text",
      connectTimeout: 2_000,
      closeTimeout: 2_000,
      inbox: { capacity: 100, overflow: "drop-oldest" },
      onOpen: async (conn) => {
        await conn.send("login");
        assertEquals(await conn.receive(), "login");
      },
    },
  });
  await using conn = await pool.acquire("/ws/btcusdt");
  assertEquals(conn.protocol, "trades.v2");
  await conn.send("not JSON {");
  assertEquals(await conn.receive(), "not JSON {");
  const { headers } = server.requests[0] ?? {};
  assertEquals(headers?.get("x-client"), "seed");
});

Deno.test("JetSocket's page, full example: three streams at once over one pool", async () => {
  await using exchange = startMarketServer({ intervalMs: 5 });
  await using pool = new ConnectionPool<Trade, Command>({
    baseUrl: exchange.url,
    maxConnections: 10,
    websocket: { schema: tradeSchema },
  });
  const symbols = ["btcusdt", "ethusdt", "solusdt"];

  async function processStream(symbol: string): Promise<string[]> {
    await using conn = await pool.acquire(`/ws/${symbol}`);
    await conn.send({ subscribe: "trades" });
    const seen: string[] = [];
    for await (const trade of conn) {
      if (seen.push(trade.symbol) === 3) break;
    }
    return seen;
  }

  const streams = await Promise.all(symbols.map(processStream));
  assertEquals(streams, symbols.map((symbol) => Array(3).fill(symbol)));
  const { activeConnections, idleConnections, totalConnections } = pool.stats();
  assertEquals(
    { activeConnections, idleConnections, totalConnections },
    { activeConnections: 0, idleConnections: 3, totalConnections: 3 },
  );
  assertEquals(exchange.peak, 3);
});
