/**
 * Finding out that a peer is dead: by messages everywhere, by ping frames
 * where sockets send them.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  ConnectionLostError,
  ConnectionPool,
  HeartbeatTimeoutError,
} from "@jetsocket/pool";
import { conformance } from "./support/conformance.ts";
import { failure, nextEvent } from "./support/waiting.ts";

const messages = {
  interval: 100,
  timeout: 80,
  raw: false,
  ping: { method: "ping" },
  // The server echoes.
  isPong: (message: unknown) => typeof message === "object",
} as const;

conformance(
  "4.6 a heartbeat of messages: answered, measured, and seen by no reader",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { heartbeat: { ...messages, timeout: 99 } },
    });
    await using conn = await pool.acquire("/echo");
    const { peers } = await server.until({ messages: 3 });
    assert.equal(peers[0]?.messages[0], '{"method":"ping"}');
    await conn.send("a word");
    assert.equal(await conn.receive(), "a word");
    const { latency } = conn;
    assert.ok(
      latency !== undefined && latency > 0 && latency < 99,
      `${latency}`,
    );
  },
);

conformance(
  "4.6 a peer that does not answer the heartbeat is lost",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { heartbeat: messages, closeTimeout: 100 },
    });
    await using conn = await pool.acquire("/mute");
    const began = performance.now();
    const error = await failure(conn.receive(), ConnectionLostError);
    const took = performance.now() - began;
    assert.ok(error.cause instanceof HeartbeatTimeoutError, `${error.cause}`);
    assert.ok(error.cause.silence >= 80, `${error.cause.silence}`);
    assert.ok(took > 150 && took < 5_000, `it took ${took} ms`);
  },
);

conformance(
  "4.6 a silent peer under reconnect: the lease goes on over a new socket",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { heartbeat: messages, reconnect: { minDelay: 10 } },
    });
    await using conn = await pool.acquire("/echo");
    const reconnect = nextEvent(pool, "reconnect");
    // From here on it reads nothing, and so answers nothing, not even a close.
    await server.tell({ name: "pause" });
    assert.equal((await reconnect).reason, "heartbeat");
    await conn.send("again");
    assert.equal(await conn.receive(), "again");
    await server.end();
  },
);

conformance(
  "4.6 maxSilence loses a socket that says nothing",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { heartbeat: { maxSilence: 150 } },
    });
    await using conn = await pool.acquire("/echo");
    const error = await failure(conn.receive(), ConnectionLostError);
    assert.ok(error.cause instanceof HeartbeatTimeoutError, `${error.cause}`);
    assert.ok(error.cause.silence >= 150, `${error.cause.silence}`);
  },
);

conformance(
  "4.6 idle connections are probed with the heartbeat's message",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      healthCheckInterval: 50,
      websocket: { heartbeat: { ...messages, interval: 60_000 } },
    });
    await pool.use("/echo", () => {});
    assert.equal((await nextEvent(pool, "healthcheck")).reason, "passed");
    assert.equal(pool.stats().idleConnections, 1);
  },
);

conformance("4.6 without a message ping frames are sent", async (server) => {
  await using pool = new ConnectionPool({
    baseUrl: server.baseUrl,
    websocket: { heartbeat: { interval: 100, timeout: 99 } },
  });
  await using conn = await pool.acquire("/mute");
  await server.until({ pings: 3 });
  const { latency } = conn;
  assert.ok(latency !== undefined && latency > 0 && latency < 99, `${latency}`);
  const lost = failure(conn.receive(), ConnectionLostError);
  await server.tell({ name: "pause" });
  const error = await lost;
  assert.ok(error.cause instanceof HeartbeatTimeoutError, `${error.cause}`);
}, { needs: "framePings" });

conformance(
  "4.6 without a message and without ping frames one warning says so",
  async (server) => {
    const warnings: string[] = [];
    const ignore = () => {};
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { heartbeat: 30 },
      logger: {
        debug: ignore,
        info: ignore,
        warn: (message) => void warnings.push(message),
        error: ignore,
      },
    });
    await using conn = await pool.acquire("/echo");
    await using _other = await pool.acquire("/echo");
    await conn.send("a word");
    assert.equal(await conn.receive(), "a word");
    assert.equal(warnings.length, 1, warnings.join("\n"));
    assert.equal((await server.until({ total: 2 })).peers[0]?.pings, 0);
  },
  { lacks: "framePings" },
);
