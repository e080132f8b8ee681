import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionPool, type PooledConnection } from "@jetsocket/pool";
import { EchoServer } from "../support/echo_server.ts";
import { nextEvent, untilPool } from "./pool_events.ts";

type Pool = ConnectionPool<number, number>;
type Conn = PooledConnection<number, number>;

function poolFor(server: EchoServer, maxConnections = 3): Pool {
  return new ConnectionPool({ baseUrl: server.url(""), maxConnections });
}

async function double(conn: Conn, item: number): Promise<number> {
  await conn.send(item * 2);
  return await conn.receive();
}

/** Endless numbers; says how far it was read and whether it was ended. */
class Source implements Iterable<number> {
  taken = 0;
  ended = false;

  *[Symbol.iterator](): Generator<number> {
    try {
      for (;;) yield this.taken++;
    } finally {
      this.ended = true;
    }
  }
}

/** What must be true once a loop over `map` is left. Dials go on: they are the pool's. */
function assertAtRest(pool: Pool): void {
  const { activeConnections, waiting } = pool.stats();
  assertEquals([activeConnections, waiting], [0, 0]);
}

Deno.test("3.1 map: results come in input order, over no more than maxConnections sockets", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server);
  const items = Array.from({ length: 60 }, (_, index) => index);
  const results = await Array.fromAsync(
    pool.map(items, (item) => `/${item % 7}`, double),
  );
  assertEquals(results, items.map((item) => item * 2));
  assert(server.maxOpen <= 3, `${server.maxOpen} sockets`);
});

Deno.test("3.1 map: concurrency bounds the calls at once", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server, 10);
  let running = 0;
  let most = 0;
  const results = pool.map(
    Array.from({ length: 20 }, (_, index) => index),
    () => "/ws",
    async (conn, item) => {
      most = Math.max(most, ++running);
      const result = await double(conn, item);
      running--;
      return result;
    },
    { concurrency: 2 },
  );
  assertEquals((await Array.fromAsync(results)).length, 20);
  assertEquals(most, 2);
});

Deno.test("3.1 map: break over an infinite source ends it, and nothing runs on", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server);
  const source = new Source();
  const seen: number[] = [];
  for await (const result of pool.map(source, () => "/ws", double)) {
    if (seen.push(result) === 5) break;
  }
  assertEquals(seen, [0, 2, 4, 6, 8]);
  assertEquals(source.ended, true);
  assertAtRest(pool);
  const { taken } = source;
  const { length } = server.messages;
  await pool.use("/ws", (conn) => double(conn, 1));
  assertEquals([source.taken, server.messages.length], [taken, length + 1]);
});

Deno.test("3.1 map: break ends the pending acquires", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server, 2);
  await using _held = await pool.acquire("/held");
  // One connection for four workers: three of them wait.
  const results = pool.map(new Source(), () => "/ws", double, {
    concurrency: 4,
  });
  for await (const _ of results) {
    assert(pool.stats().waiting > 0);
    break;
  }
  const { activeConnections, waiting, totalAborted } = pool.stats();
  assertEquals([activeConnections, waiting], [1, 0]);
  assert(totalAborted > 0);
});

Deno.test("3.1 map: a failing fn is thrown at the reader once, the rest ends", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server);
  const source = new Source();
  const failure = new Error("item 4");
  const seen: number[] = [];
  const thrown = await assertRejects(async () => {
    const results = pool.map(source, () => "/ws", (conn, item) => {
      if (item >= 4) throw failure;
      return double(conn, item);
    });
    for await (const result of results) seen.push(result);
  });
  assertEquals(thrown, failure);
  assertEquals(seen, [0, 2, 4, 6]);
  assertEquals(source.ended, true);
  assertAtRest(pool);
  // `use` discards the connection of what failed.
  assert(pool.stats().retired.discarded >= 1);
});

Deno.test("3.1 map: a failing acquire is thrown at the reader", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server);
  await assertRejects(
    () => Array.fromAsync(pool.map([1, 2, 3], () => "/status/503", double)),
    Error,
    "Cannot connect",
  );
  assertAtRest(pool);
});

Deno.test("3.1 map: a failing source is thrown at the reader", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server);
  const failure = new Error("source");
  async function* source() {
    yield 1;
    await untilPool(pool, () => pool.stats().totalAcquired === 1);
    throw failure;
  }
  const results = pool.map(source(), () => "/ws", double);
  assertEquals(
    await assertRejects(() => Array.fromAsync(results)),
    failure,
  );
  assertAtRest(pool);
});

Deno.test("3.1 map: never iterated, nothing begins", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server);
  const source = new Source();
  pool.map(source, () => "/ws", double);
  await pool.use("/other", (conn) => double(conn, 1));
  assertEquals([source.taken, pool.stats().totalAcquireStarted], [0, 1]);
});

Deno.test("3.1 map: a reader that stops reading stops the source", async () => {
  await using server = EchoServer.start();
  await using pool = poolFor(server);
  const source = new Source();
  const results = pool.map(source, () => "/ws", double);
  assertEquals((await results.next()).value, 0);
  await pool.use("/other", (conn) => double(conn, 1));
  await server.until(() => server.messages.length >= 4);
  assert(source.taken <= 10, `${source.taken} items taken for one result`);
  await results.return?.();
  assertEquals(source.ended, true);
  assertAtRest(pool);
});

Deno.test("3.1 map: the pool's close ends it", async () => {
  await using server = EchoServer.start();
  const pool = poolFor(server);
  const results = pool.map(
    new Source(),
    () => "/ws",
    (conn) => conn.receive(),
  );
  const first = results.next();
  await untilPool(pool, () => pool.stats().activeConnections === 3);
  const closed = nextEvent(pool, "close");
  pool.close();
  const error = await assertRejects(() => first, Error);
  assertEquals(error.name, "PoolClosedError");
  assertEquals((await closed).report.forced, 3);
});
