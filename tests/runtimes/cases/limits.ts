/**
 * How many sockets and handshakes there may be, as the server counts them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ConnectionPool, PoolClosedError } from "@jetsocket/pool";
import { conformance } from "./support/conformance.ts";
import { failure } from "./support/waiting.ts";

conformance(
  "I1 never more sockets than maxConnections, and none idle while somebody waits",
  async (server) => {
    await using pool = new ConnectionPool<number, number>({
      baseUrl: server.baseUrl,
      maxConnections: 3,
    });
    const calls = Array.from(
      { length: 30 },
      (_, index) =>
        pool.use(`/echo/${index % 5}`, async (conn) => {
          await conn.send(index);
          return await conn.receive();
        }),
    );
    const answers = await Promise.all(calls);
    assert.deepEqual(answers, answers.map((_, index) => index));
    const { peak, open } = await server.until({ total: 3 });
    assert.equal(peak, 3);
    assert.ok(open <= 3, `${open} open`);
  },
);

conformance(
  "3.1 never more sockets of a key than maxConnectionsPerKey",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      maxConnectionsPerKey: 2,
    });
    const calls = Array.from(
      { length: 10 },
      () =>
        pool.use("/echo", async (conn) => {
          await conn.send("x");
          await conn.receive();
        }),
    );
    await Promise.all(calls);
    assert.equal((await server.until({ total: 2 })).peak, 2);
  },
);

conformance("3.1 never more handshakes than maxConnecting", async (server) => {
  const pool = new ConnectionPool({
    baseUrl: server.baseUrl,
    maxConnecting: 2,
  });
  const calls = [1, 2, 3, 4].map((index) =>
    failure(pool.acquire(`/hang/${index}`), PoolClosedError)
  );
  // Chromium itself dials one after the other.
  const { peers } = await server.until({ total: 1 });
  assert.ok(peers.length <= 2, `${peers.length} at once`);
  assert.equal(pool.stats().connectingConnections, 2);
  await pool.close();
  await Promise.all(calls);
  assert.ok((await server.until({ open: 0 })).peak <= 2);
});

conformance("4.3 the waiters of a key are served in order", async (server) => {
  await using pool = new ConnectionPool({
    baseUrl: server.baseUrl,
    maxConnections: 1,
  });
  const held = await pool.acquire("/echo");
  const order: number[] = [];
  const waiting = [1, 2, 3, 4].map(async (index) => {
    await using _conn = await pool.acquire("/echo");
    order.push(index);
  });
  assert.equal(pool.stats().waiting, 4);
  await held.release();
  await Promise.all(waiting);
  assert.deepEqual(order, [1, 2, 3, 4]);
});

conformance(
  "4.2 at the limit the least recently used idle connection makes room",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      maxConnections: 2,
    });
    for (const path of ["/echo/a", "/echo/b", "/echo/c"]) {
      await pool.use(path, () => {});
    }
    const idle = ["a", "b", "c"].map((name) => {
      const conn = pool.tryAcquire(`/echo/${name}`);
      return conn !== undefined;
    });
    assert.deepEqual(idle, [false, true, true]);
    assert.equal((await server.until({ total: 3 })).peak, 2);
  },
);

conformance("3.1 no more dials than connectRate allows", async (server) => {
  await using pool = new ConnectionPool({
    baseUrl: server.baseUrl,
    connectRate: { limit: 2, interval: 300 },
  });
  const began = performance.now();
  await Promise.all(
    [1, 2, 3].map((index) => pool.use(`/echo/${index}`, () => {})),
  );
  const took = performance.now() - began;
  assert.ok(took > 290 && took < 5_000, `it took ${took} ms`);
});

conformance("3.2 send waits for a peer that reads nothing", async (server) => {
  await using pool = new ConnectionPool<string>({
    baseUrl: server.baseUrl,
    websocket: { codec: "text", closeTimeout: 50 },
  });
  const conn = await pool.acquire("/echo");
  await server.tell({ name: "pause" });
  const chunk = "x".repeat(1_048_576);
  // The kernel takes some, and in a browser another process.
  const sending = (async () => {
    for (const _ of Array(64)) await conn.send(chunk, { timeout: 300 });
  })();
  assert.equal((await failure(sending, DOMException)).name, "TimeoutError");
  assert.ok(conn.bufferedAmount > 1_048_576, `${conn.bufferedAmount}`);
  assert.equal(conn.trySend(chunk), false);
  await conn.discard();
});
