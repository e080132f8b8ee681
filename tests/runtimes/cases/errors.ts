/**
 * Each error of the library, by its cause on the wire.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  ConnectError,
  ConnectionPool,
  InvalidMessageError,
  JetSocketError,
  LeaseReleasedError,
  PoolClosedError,
  PoolExhaustedError,
} from "@jetsocket/pool";
import { conformance } from "./support/conformance.ts";
import { failure } from "./support/waiting.ts";

for (
  const [fault, path] of Object.entries({
    "F5 status 401": "/status/401",
    "F8 status 503": "/status/503",
    "F10 a redirect": "/redirect",
    "F9 RST in the handshake": "/reset-handshake",
    "F9 FIN in the handshake": "/fin-handshake",
    "F9 no HTTP at all": "/garbage",
  })
) {
  conformance(`${fault}: a ConnectError of the dial`, async (server) => {
    await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
    const error = await failure(pool.acquire(path), ConnectError);
    assert.deepEqual(
      [error.code, error.phase, error.attempts, error.closeCode],
      ["CONNECT_FAILED", "dial", 1, 1006],
    );
    assert.deepEqual([error.fatal, error.timedOut], [false, false]);
    assert.equal(pool.stats().connectingConnections, 0);
  });
}

conformance("F2 nobody listens: a ConnectError of the dial", async (server) => {
  await using pool = new ConnectionPool({ baseUrl: server.address.refused });
  const error = await failure(pool.acquire("/"), ConnectError);
  assert.deepEqual([error.phase, error.closeCode], ["dial", 1006]);
});

conformance(
  "F4 the handshake is never answered: connectTimeout ends the dial",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { connectTimeout: 100 },
    });
    const began = performance.now();
    const error = await failure(pool.acquire("/hang"), ConnectError);
    const took = performance.now() - began;
    assert.deepEqual([error.phase, error.timedOut], ["dial", true]);
    assert.ok(took > 90 && took < 5_000, `it took ${took} ms`);
    await server.until({ total: 1, open: 0 });
  },
);

conformance("4.10 no secret in what an error shows", async (server) => {
  await using pool = new ConnectionPool();
  const url = new URL(server.url("/status/401"));
  url.searchParams.set("token", "hush");
  const error = await failure(pool.acquire(url), ConnectError);
  const shown = [`${error}`, error.stack, JSON.stringify(error), error.url];
  assert.ok(!shown.join().includes("hush"), shown.join("\n"));
  assert.ok(error.url.includes("token=…"), error.url);
});

conformance("3.3 a full queue fails at once", async (server) => {
  await using pool = new ConnectionPool({
    baseUrl: server.baseUrl,
    maxConnections: 1,
    maxWaiting: 0,
  });
  await using _held = await pool.acquire("/echo");
  const error = await failure(pool.acquire("/echo"), PoolExhaustedError);
  assert.equal(error.reason, "queue-full");
});

conformance(
  "3.3 a closed pool refuses, those who wait included",
  async (server) => {
    const pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      maxConnections: 1,
    });
    await using _held = await pool.acquire("/echo");
    const waiting = failure(pool.acquire("/echo"), PoolClosedError);
    await pool.close();
    await waiting;
    await failure(pool.acquire("/echo"), PoolClosedError);
  },
);

conformance("3.3 a signal's own reason comes through", async (server) => {
  await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
  class Enough extends Error {}
  const controller = new AbortController();
  const { signal } = controller;
  await using conn = await pool.acquire("/echo");
  const acquiring = failure(pool.acquire("/hang", { signal }), Enough);
  const receiving = failure(conn.receive({ signal }), Enough);
  controller.abort(new Enough());
  await Promise.all([acquiring, receiving]);
  await failure(conn.receive({ signal }), Enough);
});

conformance("3.3 a timeout of receive is a TimeoutError", async (server) => {
  await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
  await using conn = await pool.acquire("/echo");
  const error = await failure(conn.receive({ timeout: 20 }), DOMException);
  assert.equal(error.name, "TimeoutError");
  const signal = AbortSignal.timeout(20);
  // Held by a timer of the test's own, which the signal's is not everywhere.
  const timer = setInterval(() => {}, 1_000);
  const reason = await failure(conn.receive({ signal }), DOMException);
  clearInterval(timer);
  assert.equal(reason, signal.reason);
});

conformance("4.4 a released handle is inert", async (server) => {
  await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
  const conn = await pool.acquire("/echo");
  const pending = failure(conn.receive(), LeaseReleasedError);
  await conn.release();
  await pending;
  await failure(conn.send("late"), LeaseReleasedError);
  await failure(conn.receive(), LeaseReleasedError);
  assert.throws(() => conn.trySend("late"), LeaseReleasedError);
  assert.equal((await server.until({ total: 1 })).peers[0]?.messages.length, 0);
});

conformance(
  "3.3 what cannot be decoded is an InvalidMessageError, and the next read goes on",
  async (server) => {
    await using pool = new ConnectionPool({ baseUrl: server.baseUrl });
    await using conn = await pool.acquire("/echo");
    await conn.sendRaw("not JSON {");
    await conn.send("JSON");
    const error = await failure(conn.receive(), InvalidMessageError);
    assert.ok(error instanceof JetSocketError);
    assert.equal(error.size, 10);
    assert.ok(!error.message.includes("not JSON"), error.message);
    assert.equal(await conn.receive(), "JSON");
  },
);

conformance("3.1 options are checked", () => {
  const misspelt: object = { maxConnection: 1 };
  assert.throws(() => new ConnectionPool(misspelt), TypeError);
  assert.throws(() => new ConnectionPool({ maxConnections: 0 }), RangeError);
});
