/**
 * Bursts: how much of one TCP write is delivered before a reader has its turn
 * differs between runtimes; what the reader gets does not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ConnectionPool, InboxOverflowError } from "@jetsocket/pool";
import { conformance } from "./support/conformance.ts";
import { failure, take } from "./support/waiting.ts";

const BURST = 2_000;
const numbers = Array.from({ length: BURST }, (_, index) => index);

conformance(
  "F62 a burst beyond the inbox reaches a reader that keeps up",
  async (server) => {
    await using pool = new ConnectionPool<number>({
      baseUrl: server.baseUrl,
      websocket: { inbox: 100 },
    });
    await using conn = await pool.acquire("/mute");
    const taking = take(conn, BURST);
    await server.tell({ name: "burst", count: BURST });
    assert.deepEqual(await taking, numbers);
    assert.equal(conn.stats().messagesDropped, 0);
  },
);

conformance(
  "F62 forEach gets every message of a burst, with an inbox of one",
  async (server) => {
    await using pool = new ConnectionPool<number>({
      baseUrl: server.baseUrl,
      websocket: { inbox: 1 },
    });
    await using conn = await pool.acquire("/mute");
    const seen: number[] = [];
    const all = Promise.withResolvers<void>();
    const reading = conn.forEach((message) => {
      if (seen.push(message) === BURST) all.resolve();
    });
    await server.tell({ name: "burst", count: BURST });
    await all.promise;
    assert.deepEqual(seen, numbers);
    await conn.release();
    await reading;
  },
);

conformance(
  "F62 overflow error: what came in the turn is read, then an InboxOverflowError",
  async (server) => {
    await using pool = new ConnectionPool<number>({
      baseUrl: server.baseUrl,
      websocket: { inbox: { capacity: 100, overflow: "error" } },
    });
    await using conn = await pool.acquire(`/burst/${BURST}`);
    const aborted = Promise.withResolvers<void>();
    conn.signal.addEventListener("abort", () => aborted.resolve());
    if (!conn.signal.aborted) await aborted.promise;
    const seen: number[] = [];
    const error = await failure(
      (async () => {
        for await (const message of conn) seen.push(message);
      })(),
      InboxOverflowError,
    );
    assert.equal(error.capacity, 100);
    assert.ok(seen.length > 100, `${seen.length} messages`);
    assert.deepEqual(seen, numbers.slice(0, seen.length));
  },
);

for (
  const [overflow, kept] of [
    ["drop-oldest", numbers.slice(-100)],
    ["drop-newest", numbers.slice(0, 100)],
  ] as const
) {
  conformance(
    `F62 overflow ${overflow}: the rest is counted`,
    async (server) => {
      let dropped = 0;
      const all = Promise.withResolvers<void>();
      await using pool = new ConnectionPool<number>({
        baseUrl: server.baseUrl,
        websocket: { inbox: { capacity: 100, overflow } },
      });
      pool.addEventListener("gap", (event) => {
        assert.equal(event.reason, "overflow");
        dropped += event.dropped;
        if (dropped === BURST - 100) all.resolve();
      });
      await using conn = await pool.acquire(`/burst/${BURST}`);
      await all.promise;
      assert.deepEqual(await take(conn, 100), kept);
      assert.equal(conn.stats().messagesDropped, BURST - 100);
      assert.equal(conn.stats().messagesReceived, BURST);
    },
  );
}

conformance("F62 maxBytes bounds the inbox too", async (server) => {
  await using pool = new ConnectionPool<string>({
    baseUrl: server.baseUrl,
    websocket: { inbox: { maxBytes: 1_000 }, codec: "text" },
  });
  await using conn = await pool.acquire("/echo");
  const receiving = failure(conn.receive(), InboxOverflowError);
  await conn.send("x".repeat(1_001));
  assert.equal((await receiving).maxBytes, 1_000);
});
