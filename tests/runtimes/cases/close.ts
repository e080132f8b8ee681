/**
 * `close` in every phase of a connection.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ConnectionPool, PoolClosedError } from "@jetsocket/pool";
import { capabilities } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";
import { failure, nextEvent, within } from "./support/waiting.ts";

conformance(
  "4.8 close while connecting: the dial is given up",
  async (server) => {
    const pool = new ConnectionPool({ baseUrl: server.baseUrl });
    const acquiring = failure(pool.acquire("/hang"), PoolClosedError);
    await server.until({ total: 1 });
    assert.equal(pool.stats().connectingConnections, 1);
    const report = await within(pool.close());
    assert.deepEqual(report, { drained: 0, forced: 0, abandoned: 0 });
    await acquiring;
    await server.until({ open: 0 });
  },
);

conformance("4.8 close while idle", async (server) => {
  const pool = new ConnectionPool({ baseUrl: server.baseUrl });
  await pool.warm("/echo", { count: 3 });
  const closed = nextEvent(pool, "close");
  const report = await within(pool.close({ code: 3_001, reason: "bye" }));
  assert.deepEqual(report, { drained: 0, forced: 0, abandoned: 0 });
  assert.deepEqual((await closed).report, report);
  const { peers } = await server.until({ total: 3, open: 0 });
  assert.deepEqual(
    peers.map(({ closeCode }) => closeCode),
    Array(3).fill(3_001),
  );
  assert.ok(pool.closed);
});

conformance(
  "4.8 close while leased: the lease ends, and so do its calls",
  async (server) => {
    const pool = new ConnectionPool({ baseUrl: server.baseUrl });
    const conn = await pool.acquire("/echo");
    const receiving = failure(conn.receive(), PoolClosedError);
    const report = await within(pool.close());
    assert.deepEqual(report, { drained: 0, forced: 1, abandoned: 0 });
    await receiving;
    assert.ok(conn.signal.reason instanceof PoolClosedError);
    await conn.release();
    await server.until({ total: 1, open: 0 });
  },
);

conformance("4.8 close with drainTimeout waits for leases", async (server) => {
  const pool = new ConnectionPool({ baseUrl: server.baseUrl });
  const conn = await pool.acquire("/echo");
  const closing = pool.close({ drainTimeout: 15_000 });
  await failure(pool.acquire("/echo"), PoolClosedError);
  await conn.send("still mine");
  assert.equal(await conn.receive(), "still mine");
  await conn.release();
  const report = await within(closing);
  assert.deepEqual(report, { drained: 1, forced: 0, abandoned: 0 });
});

conformance("4.8 close while resetting", async (server) => {
  const resetting = Promise.withResolvers<void>();
  const pool = new ConnectionPool({
    baseUrl: server.baseUrl,
    resetTimeout: 15_000,
    reset: (conn) => {
      resetting.resolve();
      return conn.receive().then(() => {});
    },
  });
  const conn = await pool.acquire("/mute");
  const released = conn.release();
  await within(resetting.promise);
  const report = await within(pool.close());
  assert.equal(report.abandoned, 0);
  await within(released);
  await server.until({ total: 1, open: 0 });
});

conformance(
  "F29 close of a peer that never answers it: closeTimeout ends the wait",
  async (server) => {
    const pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { closeTimeout: 50 },
    });
    await pool.use("/no-close-answer", () => {});
    const began = performance.now();
    const { abandoned } = await within(pool.close());
    const took = performance.now() - began;
    assert.equal(abandoned, capabilities.terminate ? 0 : 1);
    assert.ok(took > 40 && took < 5_000, `it took ${took} ms`);
  },
);

conformance(
  "F29 a closing connection holds its place until closeTimeout",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      maxConnections: 1,
      websocket: { closeTimeout: 60 },
    });
    await pool.use("/no-close-answer", (conn) => conn.discard());
    assert.equal(pool.stats().closingConnections, 1);
    await using conn = await pool.acquire("/echo");
    assert.equal(conn.id, 2);
    const lingering = capabilities.terminate ? 0 : 1;
    assert.equal(pool.stats().lingeringSockets, lingering);
  },
);

conformance(
  "F29 close of a peer that answers and never ends TCP",
  async (server) => {
    const pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { closeTimeout: 100 },
    });
    await pool.use("/no-fin", () => {});
    const { abandoned } = await within(pool.close());
    const ends = capabilities.endsWithoutFin || capabilities.terminate;
    assert.equal(abandoned, ends ? 0 : 1);
  },
);

conformance("4.8 close while others wait", async (server) => {
  const pool = new ConnectionPool({
    baseUrl: server.baseUrl,
    maxConnections: 1,
  });
  await pool.acquire("/echo");
  const waiting = ["/echo", "/other"].map((path) =>
    failure(pool.acquire(path), PoolClosedError)
  );
  await within(pool.close());
  await Promise.all(waiting);
  assert.equal(pool.stats().waiting, 0);
});

conformance("4.8 close during the backoff of a reconnect", async (server) => {
  const pool = new ConnectionPool({
    baseUrl: server.baseUrl,
    websocket: {
      reconnect: { minDelay: 15_000, maxDelay: 15_000, jitter: 0 },
    },
  });
  const conn = await pool.acquire("/echo");
  const receiving = failure(conn.receive(), PoolClosedError);
  const reconnecting = nextEvent(pool, "reconnecting");
  await server.tell({ name: "reset" });
  await reconnecting;
  const sending = failure(conn.send("waits"), PoolClosedError);
  const report = await within(pool.close());
  assert.equal(report.forced, 1);
  await Promise.all([receiving, sending]);
});

conformance(
  "4.8 a second close joins the first, and bad options close nothing",
  async (server) => {
    const pool = new ConnectionPool({ baseUrl: server.baseUrl });
    await pool.use("/echo", () => {});
    await failure(pool.close({ code: 1_001 }), RangeError);
    assert.equal(pool.closed, false);
    const first = pool.close();
    assert.equal(pool.close(), first);
    await first;
  },
);
