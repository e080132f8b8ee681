import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { LeaseReleasedError, type PooledConnection } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

Deno.test("4.4 F40 two releases at once run the reset once and are the same promise", async () => {
  let resets = 0;
  await using virtual = createVirtualPool({ reset: () => void resets++ });
  const conn = await virtual.pool.acquire("/a");
  const first = conn.release();
  assertStrictEquals(conn.release(), first);
  assertStrictEquals(conn.discard(), first);
  assertStrictEquals(conn[Symbol.asyncDispose](), first);
  conn[Symbol.dispose]();
  await first;
  const { totalReleased, idleConnections } = virtual.pool.stats();
  assertEquals([resets, totalReleased, idleConnections], [1, 1, 1]);
});

Deno.test("4.4 F39 a second release does not free the next owner's connection", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool } = virtual;
  const first = await pool.acquire("/a");
  await first.release();
  const second = await pool.acquire("/a");
  await first.release();
  await first.discard();
  first[Symbol.dispose]();
  assertEquals(second.isConnected, true);
  const { activeConnections, totalReleased } = pool.stats();
  assertEquals([activeConnections, totalReleased], [1, 1]);
});

Deno.test("4.4 F41 F59 every member of a released handle is inert, the next owner is untouched", async () => {
  await using virtual = createVirtualPool();
  const { pool, network, clock } = virtual;
  const old = await pool.acquire("/a");
  const { signal } = old;
  await old.release();
  const owner = await pool.acquire("/a");
  const read = observe(owner.receive());
  const error = LeaseReleasedError;
  await assertRejects(() => old.send("x"), error);
  await assertRejects(() => old.sendRaw("x"), error);
  await assertRejects(() => old.receive(), error);
  await assertRejects(() => old.forEach(() => {}), error);
  assertThrows(() => old.trySend("x"), error);
  assertThrows(() => old[Symbol.asyncIterator](), error);
  assertEquals(old.isConnected, false);
  assertEquals(old.bufferedAmount, 0);
  assertInstanceOf(signal.reason, error);
  assertInstanceOf(old.signal.reason, error);
  assertEquals(
    [old.id, old.url, old.protocol, old.reused],
    [1, "wss://h.example/a", "", false],
  );
  assertEquals(network.last.sent, []);
  network.last.message("1");
  await clock.settle();
  assertEquals(read.value, 1);
  assertEquals(owner.signal.aborted, false);
});

Deno.test("4.4 F41 a signal asked for after the release has its reason", async () => {
  await using virtual = createVirtualPool();
  const conn = await virtual.pool.acquire("/a");
  await conn.release();
  assertInstanceOf(conn.signal.reason, LeaseReleasedError);
});

Deno.test("4.11 release ends a running loop and forEach, and rejects a pending receive and send", async () => {
  const started: ((conn: PooledConnection) => Promise<unknown>)[] = [
    async (conn) => {
      for await (const _ of conn);
    },
    (conn) => conn.forEach(() => {}),
    (conn) => conn.receive(),
    (conn) => conn.send("x"),
  ];
  for (const [index, start] of started.entries()) {
    await using virtual = createVirtualPool({
      websocket: { sendHighWaterMark: 0 },
    });
    const { pool, network, clock } = virtual;
    const conn = await pool.acquire("/a");
    network.last.buffered = 1;
    const pending = observe(start(conn));
    await clock.settle();
    assertEquals(pending.state, "pending");
    await conn.release();
    await clock.settle();
    if (index < 2) assertEquals(pending.state, "fulfilled");
    else assertInstanceOf(pending.reason, LeaseReleasedError);
  }
});

Deno.test("4.11 an iterator kept over the release has ended and does not read the next lease's messages", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const conn = await pool.acquire("/a");
  const iterator = conn[Symbol.asyncIterator]();
  await conn.release();
  const owner = await pool.acquire("/a");
  network.last.message("1");
  assertEquals(await iterator.next(), { value: undefined, done: true });
  assertEquals(await owner.receive(), 1);
});

Deno.test("4.9 F57 release inside a message callback ends the flow there", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({}, { runtime });
    const { pool, network, clock } = virtual;
    const conn = await pool.acquire("/a");
    const seen: unknown[] = [];
    network.last.message("1");
    network.last.message("2");
    const flow = observe(conn.forEach((message) => {
      seen.push(message);
      if (message === 2) conn.release();
    }));
    network.last.message("3");
    await clock.settle();
    assertEquals(seen, [1, 2]);
    assertEquals(flow.state, "fulfilled");
    assertEquals(pool.stats().idleConnections, 1);
    assertEquals(pool.stats().totalMessagesDropped, 1);
  }
});

Deno.test("4.9 F57 release in a callback for a waiting message leaves the rest undelivered", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const conn = await pool.acquire("/a");
  for (const message of ["1", "2", "3"]) network.last.message(message);
  const seen: unknown[] = [];
  await conn.forEach((message) => {
    seen.push(message);
    conn.release();
  });
  assertEquals(seen, [1]);
  assertEquals(pool.stats().totalMessagesDropped, 2);
});

Deno.test("4.4 F47 using and await using release once and keep the body's error", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  await assertRejects(
    async () => {
      await using conn = await pool.acquire("/a");
      throw new Error(`body of ${conn.id}`);
    },
    Error,
    "body of 1",
  );
  await assertRejects(
    async () => {
      using conn = await pool.acquire("/a");
      throw new Error(`body of ${conn.id}`);
    },
    Error,
    "body of 1",
  );
  const { totalReleased, idleConnections } = pool.stats();
  assertEquals([totalReleased, idleConnections], [2, 1]);
});
