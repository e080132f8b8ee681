import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { ConnectError, PoolExhaustedError } from "../../../mod.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("4.2 F50 a nested acquire with one connection waits for its deadline and says how many are leased", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const outer = await pool.acquire("/a");
  const nested = observe(pool.acquire("/a", { timeout: 700 }));
  await clock.advance(699);
  assertEquals(nested.state, "pending");
  await clock.advance(1);
  assertInstanceOf(nested.reason, PoolExhaustedError);
  const { message, maxConnections, timeout, reason, waitingFor, cause, stats } =
    nested.reason;
  assertEquals(
    { message, maxConnections, timeout, reason, waitingFor, cause },
    {
      message: "Cannot acquire wss://h.example/a within 700 ms: all 1 " +
        "connections are leased (waiting: 0). Raise maxConnections or " +
        "release earlier.",
      maxConnections: 1,
      timeout: 700,
      reason: "timeout",
      waitingFor: "slot",
      cause: undefined,
    },
  );
  assertEquals([stats.activeConnections, stats.totalExhausted], [1, 1]);
  await outer.release();
});

Deno.test("4.2 the deadline's error is ConnectError for who owns a dial by place, else PoolExhaustedError", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 2,
    maxConnecting: 1,
    websocket: { connectTimeout: 60_000 },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "hang";
  const owner = observe(pool.acquire("/a", { timeout: 1_000 }));
  const other = observe(pool.acquire("/a", { timeout: 1_000 }));
  const foreign = observe(pool.acquire("/b", { timeout: 1_000 }));
  await clock.advance(1_000);
  assertInstanceOf(owner.reason, ConnectError);
  assertInstanceOf(foreign.reason, PoolExhaustedError);
  assertEquals(foreign.reason.waitingFor, "dial-slot");
  assertEquals(
    foreign.reason.message,
    "Cannot acquire wss://h.example/b within 1000 ms: all 1 handshakes " +
      "allowed at once are in flight (waiting: 0). Raise maxConnecting or " +
      "wait longer.",
  );
  assert(other.reason instanceof Error);
});

Deno.test("4.2 a deadline in backoff is a ConnectError with the attempts and the last failure", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  await assertRejects(() => pool.acquire("/a"), ConnectError);
  network.behaviour = "hang";
  const second = observe(pool.acquire("/a", { timeout: 900 }));
  await clock.advance(900);
  assertInstanceOf(second.reason, ConnectError);
  const { message, attempts, timedOut, cause } = second.reason;
  assertEquals(
    message,
    "Cannot connect to wss://h.example/a within 900 ms: the last of 1 " +
      "failed attempts: the connection was closed with code 1006 before it " +
      "was open. Check the address and the server, or raise the acquire's " +
      "timeout",
  );
  assertEquals([attempts, timedOut], [1, true]);
  assertInstanceOf(cause, ConnectError);
  assertEquals(cause.closeCode, 1006);
});

Deno.test("3.3 PoolExhaustedError carries the key's last ConnectError", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock, network } = virtual;
  network.behave("/a", "refuse");
  await assertRejects(() => pool.acquire("/a"), ConnectError);
  const held = await pool.acquire("/b");
  const error = await assertRejects(
    () => pool.acquire("/a", { timeout: 0 }),
    PoolExhaustedError,
  );
  assertInstanceOf(error.cause, ConnectError);
  await held.release();
  await clock.settle();
});

Deno.test("4.11 timeout 0 takes what is idle and waits for nothing", async () => {
  await using virtual = createVirtualPool({ maxConnections: 2 });
  const { pool, network } = virtual;
  await assertRejects(
    () => pool.acquire("/a", { timeout: 0 }),
    PoolExhaustedError,
    "Cannot acquire wss://h.example/a within 0 ms",
  );
  assertEquals(network.dials, []);
  await (await pool.acquire("/a")).release();
  const conn = await pool.acquire("/a", { timeout: 0 });
  assertEquals(conn.reused, true);
  assertEquals(pool.stats().totalExhausted, 1);
});

Deno.test("4.2 F51 maxWaiting 0 refuses at once who would have to wait, but not who has room to dial", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1, maxWaiting: 0 });
  const { pool } = virtual;
  const conn = await pool.acquire("/a");
  const error = await assertRejects(
    () => pool.acquire("/a"),
    PoolExhaustedError,
  );
  assertEquals([error.reason, error.waitingFor], ["queue-full", "slot"]);
  assertEquals(
    error.message,
    "Cannot acquire wss://h.example/a without waiting (maxWaiting: 0): all 1 " +
      "connections are leased (waiting: 0). Raise maxConnections or release " +
      "earlier.",
  );
  await conn.release();
  assertEquals((await pool.acquire("/a")).id, 1);
});

Deno.test("4.2 F51 maxWaiting counts only waiters for whom no slot and no dial is reserved", async () => {
  await using virtual = createVirtualPool({ maxConnections: 2, maxWaiting: 3 });
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const waiters = Array.from(
    { length: 7 },
    () => observe(pool.acquire("/a")),
  );
  await clock.settle();
  assertEquals(waiters.map(({ state }) => state), [
    ...Array<string>(5).fill("pending"),
    "rejected",
    "rejected",
  ]);
  for (const socket of network.sockets) socket.open();
  await clock.settle();
  assertEquals(pool.stats().activeConnections, 2);
});

Deno.test("4.2 F51 a flood of waiters is refused and aborted without delay", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    maxWaiting: 5_000,
  });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const aborts = Array.from({ length: 5_000 }, () => new AbortController());
  const waiters = aborts.map(({ signal }) =>
    observe(pool.acquire("/a", { signal }))
  );
  const flood = Array.from(
    { length: 5_000 },
    () => observe(pool.acquire("/a")),
  );
  await clock.settle();
  assert(flood.every(({ state }) => state === "rejected"));
  for (const abort of aborts.slice(1)) abort.abort("gone");
  await clock.settle();
  assert(waiters.slice(1).every(({ state }) => state === "rejected"));
  await conn.release();
  await clock.settle();
  assertEquals(waiters[0]?.state, "fulfilled");
});

Deno.test("4.2 the key's own limit is kept, and the error names it", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 5,
    maxConnectionsPerKey: 2,
  });
  const { pool, clock, network } = virtual;
  await pool.acquire("/a");
  await pool.acquire("/a");
  const third = observe(pool.acquire("/a", { timeout: 100 }));
  await pool.acquire("/b");
  await clock.advance(100);
  assertInstanceOf(third.reason, PoolExhaustedError);
  assertEquals(
    third.reason.message,
    "Cannot acquire wss://h.example/a within 100 ms: all 2 connections of " +
      "this key are in use (waiting: 0). Raise maxConnectionsPerKey or " +
      "release earlier.",
  );
  assertEquals(network.dials.length, 3);
});

Deno.test("4.2 at maxConnections the least recently used idle connection of another key is retired", async () => {
  await using virtual = createVirtualPool({ maxConnections: 3 });
  const { pool, network } = virtual;
  for (const path of ["/a", "/b", "/c"]) {
    await (await pool.acquire(path)).release();
  }
  await (await pool.acquire("/a")).release();
  const conn = await pool.acquire("/d");
  assertEquals(conn.id, 4);
  assertEquals(network.socketsTo("/b").map(({ ended }) => ended), [true]);
  assertEquals(network.maxLive, 3);
  assertEquals(pool.stats().retired.evicted, 1);
});
