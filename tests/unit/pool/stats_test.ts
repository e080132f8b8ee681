import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PoolStats } from "../../../mod.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

/** The gauges of a snapshot. */
function gaugesOf(stats: PoolStats): number[] {
  return [
    stats.activeConnections,
    stats.idleConnections,
    stats.connectingConnections,
    stats.closingConnections,
    stats.lingeringSockets,
    stats.waiting,
  ];
}

/** What 3.4 promises of the totals at any moment. */
function assertIdentity(stats: PoolStats): void {
  assertEquals(
    stats.totalAcquireStarted,
    stats.totalAcquired + stats.totalExhausted + stats.totalAborted +
      stats.totalAcquireFailed + stats.totalAcquireClosed + stats.waiting,
  );
}

Deno.test("3.4 the gauges: active, idle, connecting, closing, lingering, waiting", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 4,
    websocket: { closeTimeout: 500 },
  });
  const { pool, clock, network } = virtual;
  assertEquals(gaugesOf(pool.stats()), [0, 0, 0, 0, 0, 0]);
  const conn = await pool.acquire("/a");
  assertEquals(gaugesOf(pool.stats()), [1, 0, 0, 0, 0, 0]);
  await conn.release();
  assertEquals(gaugesOf(pool.stats()), [0, 1, 0, 0, 0, 0]);
  network.behave("/hang", "hang");
  observe(pool.acquire("/hang"));
  await clock.settle();
  assertEquals(gaugesOf(pool.stats()), [0, 1, 1, 0, 0, 1]);
  const mute = await pool.acquire("/mute");
  network.last.answersClose = false;
  await mute.discard();
  assertEquals(gaugesOf(pool.stats()), [0, 1, 1, 1, 0, 1]);
  await clock.advance(500);
  assertEquals(gaugesOf(pool.stats()), [0, 1, 1, 0, 1, 1]);
});

Deno.test("3.4 a snapshot is of its moment: leases and messages since an earlier one are in it", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  await (await pool.acquire("/a")).release();
  const before = pool.stats();
  const conn = pool.tryAcquire("/a");
  assertEquals(pool.stats().activeConnections, 1);
  await conn?.send("x");
  network.last.message("1");
  const { totalMessagesSent, totalMessagesReceived } = pool.stats();
  assertEquals([totalMessagesSent, totalMessagesReceived], [1, 1]);
  await conn?.release();
  assertEquals(pool.stats().idleConnections, 1);
  assertEquals(before.activeConnections, 0);
  assertEquals(before.totalMessagesSent, 0);
});

Deno.test("3.4 a connection being reset counts as active, one being probed as idle", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using virtual = createVirtualPool({
    reset: () => promise,
    healthCheckInterval: 1_000,
    healthCheck: () => new Promise<boolean>(() => {}),
  });
  const { pool, clock } = virtual;
  (await pool.acquire("/a")).release();
  assertEquals(gaugesOf(pool.stats()), [1, 0, 0, 0, 0, 0]);
  const ofKey = pool.stats().byKey.get("wss://h.example/a");
  assertEquals(ofKey?.activeConnections, 1);
  resolve();
  await clock.advance(1_200);
  assertEquals(pool.tryAcquire("/a"), undefined);
  assertEquals(gaugesOf(pool.stats()), [0, 1, 0, 0, 0, 0]);
});

Deno.test("3.4 the totals, and their identity, through every way an acquire can end", async () => {
  await using virtual = createVirtualPool({ maxConnections: 2 });
  const { pool, clock, network } = virtual;
  network.behave("/dead", "refuse");
  const check = () => assertIdentity(pool.stats());
  const first = await pool.acquire("/a");
  await first.release();
  check();
  const again = await pool.acquire("/a");
  await assertRejects(() => pool.acquire("/dead"));
  check();
  const other = await pool.acquire("/b");
  const abort = new AbortController();
  observe(pool.acquire("/a", { signal: abort.signal }));
  observe(pool.acquire("/a", { timeout: 100 }));
  observe(pool.acquire("/a", { timeout: 0 }));
  observe(pool.acquire("/a", { signal: AbortSignal.abort() }));
  await clock.settle();
  check();
  abort.abort();
  await clock.advance(100);
  observe(pool.acquire("/a"));
  await clock.settle();
  // Mistakes in the arguments count nowhere.
  await assertRejects(() => pool.acquire("//evil.example"), TypeError);
  await assertRejects(() => pool.acquire("/a", { timeout: -1 }), RangeError);
  check();
  assertEquals(pool.stats().waiting, 1);
  await pool.close();
  await assertRejects(() => pool.acquire("/a"));
  check();
  const stats = pool.stats();
  assertEquals({
    started: stats.totalAcquireStarted,
    acquired: stats.totalAcquired,
    reused: stats.totalAcquiredReused,
    exhausted: stats.totalExhausted,
    aborted: stats.totalAborted,
    failed: stats.totalAcquireFailed,
    closed: stats.totalAcquireClosed,
    connections: stats.totalConnections,
    connectFailures: stats.totalConnectFailures,
    released: stats.totalReleased,
    retired: stats.retired.closed,
  }, {
    started: 10,
    acquired: 3,
    reused: 1,
    exhausted: 2,
    aborted: 2,
    failed: 1,
    closed: 2,
    connections: 2,
    connectFailures: 1,
    released: 1,
    retired: 2,
  });
  assertEquals([again.isConnected, other.isConnected], [false, false]);
});

Deno.test("3.4 messages and bytes both ways, of the pool and of a connection", async () => {
  await using virtual = createVirtualPool({ websocket: { codec: "raw" } });
  const { pool, network, clock } = virtual;
  const conn = await pool.acquire("/a");
  await conn.send("12345");
  await conn.sendRaw(new Uint8Array(7));
  network.last.message("abc");
  network.last.message(new Uint8Array(10));
  assertEquals(await conn.receive(), "abc");
  await clock.advance(2_500);
  const { age, sinceLastMessage, ...traffic } = conn.stats();
  assertEquals(traffic, {
    messagesSent: 2,
    bytesSent: 12,
    messagesReceived: 2,
    bytesReceived: 13,
    messagesDropped: 0,
    reconnects: 0,
    latency: undefined,
  });
  assertEquals(age, 2_500);
  assert(sinceLastMessage !== undefined && sinceLastMessage <= 3_500);
  await conn.release();
  const stats = pool.stats();
  assertEquals(
    [
      stats.totalMessagesSent,
      stats.totalBytesSent,
      stats.totalMessagesReceived,
      stats.totalBytesReceived,
      stats.totalMessagesDropped,
    ],
    [2, 12, 2, 13, 1],
  );
});

Deno.test("3.4 times: waits of who had to wait, and dials, as percentiles", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock, network } = virtual;
  const zero = { p50: 0, p95: 0, p99: 0, max: 0 };
  assertEquals(pool.stats().acquireWait, zero);
  network.behaviour = "manual";
  const acquired = observe(pool.acquire("/a"));
  await clock.advance(64);
  network.last.open();
  await clock.settle();
  const waiter = observe(pool.acquire("/a"));
  await clock.advance(200);
  await acquired.value.release();
  await clock.settle();
  await waiter.value.release();
  for (let round = 0; round < 200; round++) {
    await (await pool.acquire("/a")).release();
  }
  const { acquireWait, connectTime } = pool.stats();
  // 9 % is the width of a bucket; what found a connection idle is not in it.
  const { p50, p95, p99, max } = connectTime;
  assertEquals(max, 64);
  for (const each of [p50, p95, p99]) assert(each >= 64 && each <= 70);
  assert(acquireWait.p50 >= 64 && acquireWait.p50 <= 70);
  assertEquals([acquireWait.p95, acquireWait.max], [200, 200]);
});

Deno.test("3.4 a snapshot is frozen, to its leaves", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const conn = await pool.acquire("/a");
  const stats = pool.stats();
  for (
    const part of [
      stats,
      stats.retired,
      stats.acquireWait,
      stats.connectTime,
      ...stats.byKey.values(),
      conn.stats(),
    ]
  ) assert(Object.isFrozen(part));
});

Deno.test("4.11 keys that look the same are told apart by numbers in byKey", async () => {
  await using virtual = createVirtualPool({ maxConnections: 5 });
  const { pool } = virtual;
  await pool.acquire("/a?token=one");
  await pool.acquire("/a?token=two");
  await (await pool.acquire("/a?token=three")).release();
  const { byKey } = pool.stats();
  assertEquals([...byKey.keys()], [
    "wss://h.example/a?token=…",
    "wss://h.example/a?token=… #2",
    "wss://h.example/a?token=… #3",
  ]);
  assertEquals(byKey.get("wss://h.example/a?token=… #3"), {
    activeConnections: 0,
    idleConnections: 1,
    connectingConnections: 0,
    closingConnections: 0,
    waiting: 0,
  });
});

Deno.test("3.4 F87 paths named like members of Object are keys like any other", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  for (const path of ["__proto__", "constructor", "toString"]) {
    await (await pool.acquire(path)).release();
    assertEquals((await pool.acquire(path)).reused, true);
  }
  assertEquals(pool.stats().byKey.size, 3);
});
