/**
 * Leases of one connection do not see each other's messages.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ConnectionPool } from "@jetsocket/pool";
import { conformance } from "./support/conformance.ts";
import { failure, nextEvent, take, within } from "./support/waiting.ts";

conformance(
  "4.4 what a lease left unread reaches nobody, and is counted",
  async (server) => {
    const arrived = Promise.withResolvers<void>();
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: {
        heartbeat: {
          raw: false,
          ping: "never sent that soon",
          // Asked when a message arrives, whether somebody reads or not.
          isPong: (message) => {
            if (message === "unread") arrived.resolve();
            return false;
          },
        },
      },
    });
    const first = await pool.acquire("/echo");
    await first.send("unread");
    await within(arrived.promise);
    const gap = nextEvent(pool, "gap");
    await first.release();
    const { reason, dropped } = await gap;
    assert.deepEqual([reason, dropped], ["unread", 1]);
    await using second = await pool.acquire("/echo");
    assert.deepEqual([second.id, second.reused], [1, true]);
    await second.send("mine");
    assert.equal(await second.receive(), "mine");
  },
);

conformance(
  "4.4 what comes while nobody holds the connection reaches nobody",
  async (server) => {
    await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
    await pool.use("/echo", () => {});
    const gap = nextEvent(pool, "gap");
    await server.tell({ name: "text", text: '"for nobody"' });
    const { reason, dropped } = await gap;
    assert.deepEqual([reason, dropped], ["idle", 1]);
    await using conn = await pool.acquire("/echo");
    assert.equal(conn.reused, true);
    await conn.send("mine");
    assert.equal(await conn.receive(), "mine");
  },
);

conformance("4.4 a greeting reaches the first lease", async (server) => {
  await using pool = new ConnectionPool<string>({
    baseUrl: server.baseUrl,
    websocket: { codec: "text" },
  });
  await using conn = await pool.acquire("/greet");
  assert.equal(await conn.receive(), "hello");
});

conformance(
  "4.4 nothing reaches a lease after its release, not even what has come",
  async (server) => {
    await using pool = new ConnectionPool<number>({ baseUrl: server.baseUrl });
    const conn = await pool.acquire("/burst/1000");
    const seen: number[] = [];
    for await (const message of conn) {
      if (seen.push(message) === 3) await conn.discard();
    }
    assert.deepEqual(seen, [0, 1, 2]);
    const { peers } = await server.until({ total: 1, open: 0 });
    assert.equal(peers[0]?.closeCode, 1000);
  },
);

conformance(
  "3.1 reset runs between two leases, and its failure ends the connection",
  async (server) => {
    let resets = 0;
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      reset: async (conn) => {
        await conn.send("unsubscribe");
        assert.equal(await conn.receive(), "unsubscribe");
        if (++resets === 2) throw new Error("it refuses");
      },
    });
    const ids: number[] = [];
    for (const _ of "123") {
      await pool.use("/echo", (conn) => ids.push(conn.id));
    }
    assert.deepEqual([ids, resets], [[1, 1, 2], 3]);
    assert.equal(pool.stats().retired.discarded, 1);
  },
);

conformance("3.1 use discards what its function failed on", async (server) => {
  await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
  const oops = new Error("oops");
  const used = pool.use("/echo", () => Promise.reject(oops));
  assert.equal(await failure(used, Error), oops);
  assert.equal(pool.stats().idleConnections, 0);
  await server.until({ total: 1, open: 0 });
});

conformance(
  "2 another identity or subprotocol is another connection",
  async (server) => {
    await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
    const ids: number[] = [];
    for (const identity of ["", "a", "b", "a"]) {
      await pool.use("/echo", (conn) => ids.push(conn.id), { identity });
    }
    const options = { protocols: "v2" };
    await pool.use("/echo", (conn) => ids.push(conn.id), options);
    assert.deepEqual(ids, [1, 2, 3, 2, 4]);
  },
);

conformance("3.2 break leaves unread messages in place", async (server) => {
  await using pool = new ConnectionPool<number>({ baseUrl: server.baseUrl });
  await using conn = await pool.acquire("/burst/6");
  assert.deepEqual(await take(conn, 2), [0, 1]);
  assert.deepEqual(await take(conn, 2), [2, 3]);
  assert.equal(await conn.receive(), 4);
});
