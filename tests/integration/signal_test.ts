import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ConnectError,
  ConnectionPool,
  PoolClosedError,
  PoolExhaustedError,
} from "@jetsocket/pool";
import { EchoServer } from "../support/echo_server.ts";
import { RawServer } from "../support/raw_server.ts";
import { untilPool } from "./pool_events.ts";

Deno.test("4.11 signal: AbortSignal.timeout(ms) beside timeout: whichever is first answers, in its own words", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: 1,
  });
  await using _held = await pool.acquire("/held");

  const bySignal = await assertRejects(
    () =>
      pool.acquire("/ws", {
        signal: AbortSignal.timeout(30),
        timeout: 60_000,
      }),
    DOMException,
  );
  assertEquals(bySignal.name, "TimeoutError");

  const controller = new AbortController();
  const byTimeout = await assertRejects(
    () => pool.acquire("/ws", { signal: controller.signal, timeout: 30 }),
    PoolExhaustedError,
  );
  assertEquals(byTimeout.timeout, 30);

  const { totalAborted, totalExhausted, waiting } = pool.stats();
  assertEquals([totalAborted, totalExhausted, waiting], [1, 1, 0]);
});

Deno.test("4.11 a signal bounds the acquire, not the lease", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const controller = new AbortController();
  await using conn = await pool.acquire("/ws", { signal: controller.signal });
  controller.abort();
  await conn.send("still here");
  assertEquals(await conn.receive(), "still here");
  assertEquals(conn.signal.aborted, false);
});

Deno.test("F36 a signal that aborts while the dial is in flight: its reason comes through, the socket serves the next", async () => {
  const answer = Promise.withResolvers<void>();
  await using server = await RawServer.start({
    handler: async (peer) => {
      await answer.promise;
      peer.echoes = true;
      await peer.accept();
    },
  });
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const controller = new AbortController();
  const { signal } = controller;
  const acquire = pool.acquire("/ws", { signal });
  await server.peer();
  const reason = new Error("changed my mind");
  controller.abort(reason);
  assertEquals(await assertRejects(() => acquire), reason);
  answer.resolve();
  await untilPool(pool, () => pool.stats().idleConnections === 1);
  await using conn = await pool.acquire("/ws");
  assertEquals([conn.id, conn.reused, server.total], [1, false, 1]);
});

Deno.test("3.2 the lease's signal ends a fetch-like call when the connection is lost", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  await using conn = await pool.acquire("/echo");
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const { signal } = conn;
  signal.addEventListener("abort", () => resolve(signal.reason));
  (await server.peer()).reset();
  const reason = await promise;
  assert(reason instanceof Error);
  assertEquals(reason.name, "ConnectionLostError");
});

Deno.test("F46 close while connecting, waiting and leased: each gets PoolClosedError, the server has no socket left", async () => {
  await using server = await RawServer.start();
  const pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: 2,
  });
  const conn = await pool.acquire("/echo");
  const reading = conn.receive();
  const connecting = pool.acquire("/hang");
  const waiting = pool.acquire("/other");
  await server.peer(1);
  const closing = pool.close();
  assertEquals(pool.close(), closing);
  const ended = [reading, connecting, waiting, pool.acquire("/late")];
  await Promise.all(
    ended.map((pending) => assertRejects(() => pending, PoolClosedError)),
  );
  assertEquals(await closing, { drained: 0, forced: 1, abandoned: 0 });
  await server.until(() => server.openTcp === 0);
});

Deno.test("4.8 close with drainTimeout: leases go on, and are counted as drained", async () => {
  await using server = EchoServer.start();
  const pool = new ConnectionPool({ baseUrl: server.url("") });
  const conn = await pool.acquire("/ws");
  const closing = pool.close({ drainTimeout: 60_000, code: 4000 });
  await conn.send("last words");
  assertEquals(await conn.receive(), "last words");
  await conn.release();
  assertEquals(await closing, { drained: 1, forced: 0, abandoned: 0 });
});

Deno.test("4.2 at its deadline a waiter whose own dial is under way gets ConnectError", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const error = await assertRejects(
    () => pool.acquire("/hang", { timeout: 40 }),
    ConnectError,
  );
  assertEquals([error.timedOut, error.phase], [true, "dial"]);
});
