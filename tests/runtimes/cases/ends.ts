/**
 * How a peer can end a leased connection, without `reconnect`.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  ConnectError,
  ConnectionLostError,
  ConnectionPool,
} from "@jetsocket/pool";
import { capabilities } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";
import type { Action } from "./support/control.ts";
import { failure, nextEvent } from "./support/waiting.ts";

/** All there is to read, and the error it ends with. */
async function readAll(conn: AsyncIterable<unknown>) {
  const messages: unknown[] = [];
  try {
    for await (const message of conn) messages.push(message);
  } catch (error) {
    assert.ok(error instanceof ConnectionLostError, `${error}`);
    const { closeCode, closeReason, wasClean } = error;
    return { messages, closeCode, closeReason, wasClean };
  }
  return { messages };
}

const close = (code: number): Action => ({
  name: "close",
  code,
  reason: "why",
});
const broken = { closeCode: 1006, closeReason: "", wasClean: false };

const ends: Readonly<Record<string, { action: Action; end: object }>> = {
  "F23 close 1000": { action: close(1000), end: {} },
  "F23 close 1001": { action: close(1001), end: {} },
  ...Object.fromEntries(
    [1008, 1011, 1012, 4000, 4401].map((closeCode) => [
      `F23 close ${closeCode}`,
      {
        action: close(closeCode),
        end: { closeCode, closeReason: "why", wasClean: true },
      },
    ]),
  ),
  ...Object.fromEntries(
    [999, 5000].map((closeCode) => [
      `F25 close ${closeCode}, which no peer may send`,
      {
        action: close(closeCode),
        end: capabilities.checksCloseCodes
          ? broken
          : { closeCode, closeReason: "why", wasClean: true },
      },
    ]),
  ),
  "F25 close 1006, which no peer may send": {
    action: close(1006),
    end: broken,
  },
  "F24 RST": { action: { name: "reset" }, end: broken },
  "F27 FIN without a close frame": { action: { name: "fin" }, end: broken },
};

for (const [fault, { action, end }] of Object.entries(ends)) {
  conformance(
    `${fault}: what came is read, then the stream ends`,
    async (server) => {
      await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
      await using conn = await pool.acquire("/echo");
      await conn.send(1);
      await conn.send(2);
      assert.equal(await conn.receive(), 1);
      const lost = nextEvent(pool, "lost");
      await server.until({ messages: 2 });
      await server.tell(action);
      await lost;
      assert.equal(conn.isConnected, false);
      assert.deepEqual(await readAll(conn), { messages: [2], ...end });
      assert.ok(conn.signal.aborted);
    },
  );
}

conformance(
  "F17 an idle connection that is lost is not leased again",
  async (server) => {
    await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
    await pool.use("/echo", () => {});
    const retired = nextEvent(pool, "retire");
    await server.tell({ name: "reset" });
    assert.equal((await retired).reason, "lost");
    assert.equal(pool.stats().idleConnections, 0);
    await using conn = await pool.acquire("/echo");
    assert.deepEqual([conn.id, conn.reused], [2, false]);
  },
);

conformance(
  "F26 a message that is cut off by an RST is none",
  async (server) => {
    await using pool = new ConnectionPool<string>({
      baseUrl: server.baseUrl,
      websocket: { codec: "text" },
    });
    await using conn = await pool.acquire("/mute");
    await server.tell({ name: "cut" });
    const { messages, ...end } = await readAll(conn);
    // The RST may overtake what was sent before it.
    assert.ok(messages.every((message) => message === "whole"), `${messages}`);
    assert.deepEqual(end, broken);
  },
);

conformance("F65 invalid UTF-8 breaks the connection", async (server) => {
  await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
  await using conn = await pool.acquire("/mute");
  await server.tell({ name: "invalid-utf8" });
  assert.deepEqual(await readAll(conn), { messages: [], ...broken });
});

conformance(
  "F23 messages and a close frame in one TCP write: all are read",
  async (server) => {
    await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
    await using conn = await pool.acquire("/mute");
    await server.tell({ name: "burst", count: 5, code: 1000 });
    assert.deepEqual(await readAll(conn), { messages: [0, 1, 2, 3, 4] });
  },
);

conformance(
  "F19 a close frame with the handshake: its code is told, whoever is told",
  async (server) => {
    await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
    // The runtime may have seen it before the lease, or after.
    try {
      await using conn = await pool.acquire("/close/4401");
      const error = await failure(conn.receive(), ConnectionLostError);
      assert.equal(error.closeCode, 4401);
    } catch (error) {
      assert.ok(error instanceof ConnectError, `${error}`);
      assert.deepEqual([error.closeCode, error.fatal], [4401, true]);
    }
  },
);
