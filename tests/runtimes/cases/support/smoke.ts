import assert from "node:assert/strict";
import { ConnectionPool, PoolExhaustedError } from "@jetsocket/pool";
import type { Remote } from "./remote.ts";
import { failure } from "./waiting.ts";

interface Price {
  readonly symbol: string;
  readonly price: number;
}

/** What must work wherever the library is loaded, workers included. */
export const smokeCases: Readonly<
  Record<string, (server: Remote) => Promise<void>>
> = {
  "1 three streams at once over one pool": async (server) => {
    const prices: Record<string, number[]> = {};
    await using pool = new ConnectionPool<Price>({
      baseUrl: server.url("/stream/3"),
      maxConnections: 10,
      websocket: { heartbeat: { maxSilence: 20_000 } },
    });
    async function processStream(symbol: string) {
      await using conn = await pool.acquire(`/${symbol}`);
      await conn.send({ subscribe: "trades" });
      for await (const { symbol, price } of conn) {
        (prices[symbol] ??= []).push(price);
      }
    }
    await Promise.all(["btcusdt", "ethusdt", "solusdt"].map(processStream));
    assert.deepEqual(prices, {
      btcusdt: [1, 2, 3],
      ethusdt: [1, 2, 3],
      solusdt: [1, 2, 3],
    });
    // At once or, in Chromium, one handshake after the other.
    const { peers } = await server.until({ total: 3, open: 0 });
    assert.deepEqual(
      peers.map(({ messages }) => messages),
      [1, 2, 3].map(() => ['{"subscribe":"trades"}']),
    );
  },

  "3.1 a released connection is leased again": async (server) => {
    await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
    const lease = async () => {
      await using conn = await pool.acquire("/echo");
      await conn.send({ hello: "world" });
      assert.deepEqual(await conn.receive(), { hello: "world" });
      return [conn.id, conn.reused];
    };
    assert.deepEqual([await lease(), await lease()], [[1, false], [1, true]]);
    const conn = pool.tryAcquire("/echo");
    assert.equal(conn?.id, 1);
    assert.equal(pool.tryAcquire("/echo"), undefined);
    await conn?.release();
    assert.equal((await server.until({ total: 1 })).peers.length, 1);
  },

  "3.1 use, map and warm": async (server) => {
    await using pool = new ConnectionPool<number, number>({
      baseUrl: server.baseUrl,
      maxConnections: 2,
    });
    assert.equal(await pool.warm("/echo", { count: 2 }), 2);
    const double = async (number: number) =>
      await pool.use("/echo", async (conn) => {
        await conn.send(number);
        return 2 * await conn.receive();
      });
    assert.equal(await double(4), 8);
    const doubles = pool.map(
      [1, 2, 3, 4, 5],
      () => "/echo",
      async (conn, item) => {
        await conn.send(item);
        return 2 * await conn.receive();
      },
    );
    assert.deepEqual(await Array.fromAsync(doubles), [2, 4, 6, 8, 10]);
    assert.equal(pool.stats().totalConnections, 2);
  },

  "3.2 text and binary, past the codec": async (server) => {
    await using pool = new ConnectionPool<string | ArrayBuffer>({
      baseUrl: server.baseUrl,
      websocket: { codec: "raw" },
    });
    await using conn = await pool.acquire("/echo");
    const bytes = Uint8Array.of(0, 1, 254, 255);
    await conn.sendRaw("grün 🚀");
    await conn.sendRaw(bytes);
    await conn.sendRaw(bytes.buffer);
    await conn.sendRaw(new Blob([bytes]));
    assert.equal(await conn.receive(), "grün 🚀");
    for (const _ of "123") {
      const message = await conn.receive();
      assert.ok(message instanceof ArrayBuffer, `${message}`);
      assert.deepEqual([...new Uint8Array(message)], [...bytes]);
    }
  },

  "3.3 an exhausted pool says so": async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      maxConnections: 1,
    });
    await using _held = await pool.acquire("/echo");
    const error = await failure(
      pool.acquire("/echo", { timeout: 30 }),
      PoolExhaustedError,
    );
    assert.deepEqual(
      [error.code, error.reason, error.waitingFor, error.maxConnections],
      ["POOL_EXHAUSTED", "timeout", "slot", 1],
    );
  },

  "4.8 a closed pool leaves no socket": async (server) => {
    const pool = new ConnectionPool({ baseUrl: server.baseUrl });
    await using conn = await pool.acquire("/echo/leased");
    await pool.use("/echo/idle", () => {});
    const report = await pool.close();
    assert.deepEqual(report, { drained: 0, forced: 1, abandoned: 0 });
    assert.ok(conn.signal.aborted);
    const { peers } = await server.until({ total: 2, open: 0 });
    assert.deepEqual(peers.map(({ closeCode }) => closeCode), [1000, 1000]);
  },
};
