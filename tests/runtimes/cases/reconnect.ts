/**
 * A lease that outlives its sockets.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  ConnectionLostError,
  ConnectionPool,
  type ConnectionPoolConfig,
} from "@jetsocket/pool";
import { conformance } from "./support/conformance.ts";
import type { Action } from "./support/control.ts";
import type { Remote } from "./support/remote.ts";
import { failure, nextEvent, within } from "./support/waiting.ts";

function configOf(server: Remote): ConnectionPoolConfig {
  const reconnect = { minDelay: 20, maxDelay: 40 };
  return { baseUrl: server.baseUrl, websocket: { reconnect } };
}

const losses: Readonly<Record<string, Action>> = {
  "F24 RST": { name: "reset" },
  "F27 FIN without a close frame": { name: "fin" },
  "F35 close 1012": { name: "close", code: 1012, reason: "restart" },
  "4.5 a clean close": { name: "close", code: 1000, reason: "" },
};

for (const [loss, action] of Object.entries(losses)) {
  conformance(
    `${loss} under reconnect: the same lease goes on`,
    async (server) => {
      const opened: boolean[] = [];
      const config = configOf(server);
      await using pool = new ConnectionPool({
        ...config,
        websocket: {
          ...config.websocket,
          onOpen: (_, { reconnected }) => void opened.push(reconnected),
        },
      });
      const subscribe = { subscribe: "trades" };
      await using conn = await pool.acquire("/echo", {
        onReconnect: (conn) => conn.send(subscribe),
      });
      await conn.send("before");
      await server.until({ messages: 1 });
      const reconnect = nextEvent(pool, "reconnect");
      await server.tell(action);
      assert.equal((await reconnect).reason, "lost");
      await conn.send("after");
      const seen: unknown[] = [];
      for await (const message of conn) {
        if (seen.push(message) === 3) break;
      }
      assert.deepEqual(seen, ["before", subscribe, "after"]);
      assert.deepEqual(opened, [false, true]);
      assert.equal(conn.stats().reconnects, 1);
      const stats = pool.stats();
      assert.deepEqual([stats.totalConnections, stats.totalReconnects], [1, 1]);
      assert.equal((await server.until({ total: 2 })).peak, 1);
    },
  );
}

conformance("4.5 send waits for the new socket", async (server) => {
  await using pool = new ConnectionPool(configOf(server));
  await using conn = await pool.acquire("/echo");
  const reconnecting = nextEvent(pool, "reconnecting");
  await server.tell({ name: "reset" });
  await reconnecting;
  assert.equal(conn.isConnected, false);
  assert.equal(conn.trySend("not now"), false);
  await within(conn.send("then"));
  assert.equal(await conn.receive(), "then");
});

conformance("4.5 a fatal close code ends the lease", async (server) => {
  await using pool = new ConnectionPool(configOf(server));
  await using conn = await pool.acquire("/echo");
  const receiving = failure(conn.receive(), ConnectionLostError);
  await server.tell({ name: "close", code: 4401, reason: "who are you" });
  assert.equal((await receiving).closeCode, 4401);
  assert.equal((await server.until({ total: 1 })).peers.length, 1);
});

conformance("4.5 maxAttempts ends the lease", async (server) => {
  let isUp = true;
  await using pool = new ConnectionPool({
    websocket: {
      reconnect: { minDelay: 5, maxDelay: 10, maxAttempts: 2 },
      resolveUrl: ({ url }) => isUp ? url : server.address.refused,
    },
  });
  await using conn = await pool.acquire(server.url("/echo"));
  const receiving = failure(conn.receive(), ConnectionLostError);
  isUp = false;
  await server.tell({ name: "reset" });
  const error = await receiving;
  assert.equal(error.closeCode, 1006);
  assert.ok(error.cause instanceof Error, `${error.cause}`);
});

conformance(
  "4.2 waiters outlast failed dials under reconnect",
  async (server) => {
    let dials = 0;
    await using pool = new ConnectionPool({
      websocket: {
        reconnect: { minDelay: 5, maxDelay: 10 },
        resolveUrl: ({ url }) => ++dials > 3 ? url : server.address.refused,
      },
    });
    await using conn = await pool.acquire(server.url("/echo"));
    await conn.send("at last");
    assert.equal(await conn.receive(), "at last");
    assert.equal(pool.stats().totalConnectFailures, 3);
  },
);
