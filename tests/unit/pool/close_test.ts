import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { type CloseOptions, PoolClosedError } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

Deno.test("4.8 close of a pool that never was used resolves", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  assertEquals(pool.closed, false);
  const closing = pool.close();
  assertEquals(pool.closed, true);
  assertEquals(await closing, { drained: 0, forced: 0, abandoned: 0 });
});

Deno.test("4.8 F46 close rejects waiters at once, aborts dials, retires idle ones, ends leases", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({
      maxConnectionsPerKey: 1,
    }, { runtime });
    const { pool, clock, network } = virtual;
    const leased = await pool.acquire("/a");
    await (await pool.acquire("/b")).release();
    network.behaviour = "hang";
    const dialling = observe(pool.acquire("/c"));
    const waiting = observe(pool.acquire("/a"));
    const read = observe(leased.receive());
    await clock.settle();
    const closing = observe(pool.close({ code: 4_321, reason: "bye" }));
    await clock.settle();
    for (const { reason } of [dialling, waiting, read]) {
      assertInstanceOf(reason, PoolClosedError);
    }
    assertInstanceOf(leased.signal.reason, PoolClosedError);
    assertEquals(closing.value, { drained: 0, forced: 1, abandoned: 0 });
    assertEquals(network.live, 0);
    for (const path of ["/a", "/b"]) {
      assertEquals(network.socketsTo(path)[0]?.closeCalls, [
        { code: 4_321, reason: "bye" },
      ]);
    }
    assertEquals(clock.pending, 0);
    await assertRejects(() => leased.send("x"), PoolClosedError);
    await leased.release();
    assertEquals(pool.stats().retired.closed, 2);
  }
});

Deno.test("4.8 whoever waits hears of the close before it resolves", async () => {
  for (const waitingFor of ["backoff", "slot"] as const) {
    const { pool, clock, network } = createVirtualPool({
      maxConnections: 1,
      websocket: { reconnect: true },
    });
    if (waitingFor === "backoff") network.behave("/a", "refuse");
    else await pool.acquire("/a");
    const order: string[] = [];
    pool.acquire("/a", { timeout: 60_000 }).catch(() => order.push("waiter"));
    await clock.advance(5);
    await pool.close();
    order.push("close");
    await clock.settle();
    assertEquals(order, ["waiter", "close"], waitingFor);
  }
});

Deno.test("4.8 leases may drain: close resolves with the last release", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock } = virtual;
  const conns = [await pool.acquire("/a"), await pool.acquire("/b")];
  const closing = observe(pool.close({ drainTimeout: 10_000 }));
  await clock.advance(3_000);
  assertEquals(closing.state, "pending");
  for (const conn of conns) {
    await conn.send("still here");
    await conn.release();
  }
  await clock.settle();
  assertEquals(closing.value, { drained: 2, forced: 0, abandoned: 0 });
  assertEquals(clock.pending, 0);
});

Deno.test("4.8 after drainTimeout leases end with PoolClosedError, and are counted as forced", async () => {
  await using virtual = createVirtualPool({ reset: () => {} });
  const { pool, clock } = virtual;
  const [slow, quick] = [await pool.acquire("/a"), await pool.acquire("/b")];
  const closing = observe(pool.close({ drainTimeout: 2_000 }));
  await quick.release();
  const loop = observe((async () => {
    for await (const _ of slow);
  })());
  await clock.advance(1_999);
  assertEquals([closing.state, loop.state], ["pending", "pending"]);
  await clock.advance(1);
  assertInstanceOf(loop.reason, PoolClosedError);
  assertEquals(closing.value, { drained: 1, forced: 1, abandoned: 0 });
});

Deno.test("4.8 drainTimeout Infinity waits for the last lease, however long", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const closing = observe(pool.close({ drainTimeout: Infinity }));
  await clock.advance(1_000_000);
  assertEquals(closing.state, "pending");
  await conn.release();
  await clock.settle();
  assertEquals(closing.value.drained, 1);
});

Deno.test("4.8 a lease lost while draining does not hold the close up", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  const closing = observe(pool.close({ drainTimeout: 60_000 }));
  network.last.reset();
  await clock.settle();
  assertEquals(closing.state, "fulfilled");
  await conn.release();
});

Deno.test("4.8 F29 sockets whose peers do not answer are abandoned after closeTimeout", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({
      websocket: { closeTimeout: 3_000 },
    }, { runtime });
    const { pool, clock, network } = virtual;
    await pool.warm("/a", { count: 2 });
    for (const socket of network.sockets) socket.answersClose = false;
    const closing = observe(pool.close());
    await clock.advance(2_999);
    assertEquals(closing.state, "pending");
    await clock.advance(1);
    // Where sockets can be killed, none is left.
    assertEquals(closing.value.abandoned, runtime === "bun" ? 0 : 2);
    assertEquals(clock.pending, 0);
    for (const socket of network.sockets) {
      assertEquals(socket.listenerCount(), 0);
    }
  }
});

Deno.test("4.8 F29 lingering sockets are counted, and bounded by maxConnections", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 2,
    acquireTimeout: 1_000,
    websocket: { closeTimeout: 500 },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = (socket) => {
    socket.answersClose = false;
    queueMicrotask(() => socket.open());
  };
  for (let round = 0; round < 2; round++) {
    const conns = [await pool.acquire("/a"), await pool.acquire("/a")];
    for (const conn of conns) await conn.discard();
    await clock.advance(500);
  }
  const { lingeringSockets, closingConnections } = pool.stats();
  assertEquals([lingeringSockets, closingConnections], [2, 2]);
  assertEquals(network.live, 4);
  // Beyond the bound they hold their slots.
  const refused = observe(pool.acquire("/a"));
  await clock.advance(1_000);
  assertEquals(refused.state, "rejected");
  // One closes after all: another may linger in its place, and its slot is free.
  network.sockets[0]?.peerClose();
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  assertEquals(acquired.state, "fulfilled");
  assertEquals(pool.stats().lingeringSockets, 2);
  for (const socket of network.sockets) socket.answersClose = true;
  for (const socket of network.sockets) socket.peerClose();
});

Deno.test("4.8 close resolves though more sockets hang than may linger", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    websocket: { closeTimeout: 500 },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = (socket) => {
    socket.answersClose = false;
    queueMicrotask(() => socket.open());
  };
  for (let round = 0; round < 2; round++) {
    await (await pool.acquire("/a")).discard();
    await clock.advance(500);
  }
  const closing = observe(pool.close());
  await clock.advance(10_000);
  assertEquals(closing.value, { drained: 0, forced: 0, abandoned: 2 });
});

Deno.test("4.8 F54 close ends a reset and a probe under way at once, though the peer is mute", async () => {
  for (const hook of ["reset", "healthCheck"] as const) {
    const signals: AbortSignal[] = [];
    const run = (conn: { signal: AbortSignal }) => {
      signals.push(conn.signal);
      return new Promise<never>(() => {});
    };
    await using virtual = createVirtualPool({
      healthCheckInterval: 1_000,
      ...(hook === "reset" ? { reset: run } : { healthCheck: run }),
    });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    network.last.answersClose = false;
    const released = observe(conn.release());
    await clock.advance(1_200);
    const closing = observe(pool.close());
    await clock.settle();
    assertEquals(signals.map(({ aborted }) => aborted), [true]);
    assertEquals([released.state, closing.state], ["fulfilled", "pending"]);
  }
});

Deno.test("4.8 the reason is cut at 123 bytes, at a whole character", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  await pool.warm("/a");
  await pool.close({ reason: `x${"é".repeat(100)}` });
  assertEquals(network.last.closeCalls, [
    { code: 1000, reason: `x${"é".repeat(61)}` },
  ]);
});

Deno.test("4.8 F46 close is idempotent: the same promise, the first options", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  await pool.warm("/a");
  const first = pool.close({ code: 3_001 });
  assertStrictEquals(pool.close({ code: 3_002 }), first);
  assertStrictEquals(pool.close(), first);
  await pool[Symbol.asyncDispose]();
  await first;
  assertEquals(network.last.closeCalls.map(({ code }) => code), [3_001]);
});

Deno.test("4.8 bad options reject and close nothing", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const bad: [CloseOptions, typeof TypeError][] = [
    [{ code: 1001 }, RangeError],
    [{ code: 2999 }, RangeError],
    [{ code: 5000 }, RangeError],
    [{ code: NaN }, RangeError],
    [{ drainTimeout: -1 }, RangeError],
    [{ drainTimeout: NaN }, RangeError],
  ];
  for (const [options, kind] of bad) {
    await assertRejects(() => pool.close(options), kind);
  }
  // deno-lint-ignore no-explicit-any -- wrong on purpose
  const wrong: any[] = [{ reason: 1 }, { timeout: 1 }, null, 5];
  for (const options of wrong) {
    await assertRejects(() => pool.close(options), TypeError);
  }
  assertEquals(pool.closed, false);
  assertEquals((await pool.acquire("/a")).isConnected, true);
});

Deno.test("4.8 sockets at the server stay within maxConnections and lingering sockets", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 3,
    acquireTimeout: 60_000,
  });
  const { pool, clock, network } = virtual;
  const paths = ["/a", "/b", "/c", "/d", "/e"];
  const uses = Array.from(
    { length: 60 },
    (_, number) =>
      observe(pool.use(paths[number % 5] ?? "", async (conn) => {
        await undefined;
        if (number % 3 === 0) conn.discard();
      })),
  );
  // One after the other, so that it takes more turns than one step settles.
  for (let step = 0; step < 10; step++) await clock.advance(100);
  assertEquals(uses.map(({ state }) => state), Array(60).fill("fulfilled"));
  assertEquals(network.maxLive, 3);
});

Deno.test("4.8 I9 a lease lost while the pool drains leaves no record of its key", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const conn = await pool.acquire("/a");
  const closing = pool.close({ drainTimeout: 1_000 });
  // So soon after its opening that it counts against the endpoint.
  network.last.reset();
  await closing;
  assertEquals(pool.stats().byKey.size, 0);
  await conn.release();
});

Deno.test("I7 a lease that the close has ended brings nothing on when it is released late", async () => {
  await using virtual = createVirtualPool({
    websocket: { closeTimeout: 100 },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  network.last.answersClose = false;
  const closing = observe(pool.close());
  await clock.settle();
  // The socket's time is over, and the timer has not come yet.
  clock.jump(100);
  conn.release();
  await clock.settle();
  assertEquals(closing.state, "pending");
  assertEquals(pool.stats().closingConnections, 1);
  await clock.advance(1);
  assertEquals(closing.value, { drained: 0, forced: 1, abandoned: 1 });
});
