import { assert, assertEquals } from "@std/assert";
import type { LeakEvent } from "../../../mod.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

/** Leases and releases a number of connections of one key. */
async function fill(
  pool: { warm(path: string, options: { count: number }): Promise<number> },
  count: number,
): Promise<void> {
  assertEquals(await pool.warm("/a", { count }), count);
}

Deno.test("4.7 nothing is due, no timer: a new pool, and one whose connections are gone", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock } = virtual;
  assertEquals([clock.pending, clock.armed], [0, 0]);
  const conn = await pool.acquire("/a");
  await conn.discard();
  await clock.advance(20_000);
  assertEquals(clock.pending, 0);
});

Deno.test("4.7 one timer per pool, whatever is going on", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 6,
    maxLifetime: 100_000,
    leakThreshold: 50_000,
    healthCheck: () => new Promise<boolean>(() => {}),
    reset: () => new Promise<void>(() => {}),
  });
  const { pool, clock, network } = virtual;
  await fill(pool, 2);
  await pool.acquire("/b");
  (await pool.acquire("/c")).release();
  network.behave("/dead", "refuse");
  await pool.acquire("/dead").catch(() => {});
  network.behaviour = "hang";
  const pending = [
    observe(pool.acquire("/dead")),
    observe(pool.acquire("/hang")),
    observe(pool.acquire("/b")),
  ];
  for (let step = 0; step < 100; step++) {
    await clock.advance(97);
    assert(clock.pending <= 1, `${clock.pending} timers`);
  }
  assertEquals(pending.length, 3);
});

Deno.test("4.7 an idle connection is retired after maxIdleTime, never early, at most two ticks late", async () => {
  for (const maxIdleTime of [5_000, 777, 25_000]) {
    // The tick: a tenth of the smaller limit, from 10 ms to 1 s.
    const tick = Math.min(1_000, Math.min(maxIdleTime, 30_000) / 10);
    for (const offset of [0, 0.3, 0.99]) {
      await using virtual = createVirtualPool({ maxIdleTime });
      const { pool, clock } = virtual;
      const first = await pool.acquire("/other");
      const conn = await pool.acquire("/a");
      await clock.advance(tick * (3 + offset));
      await conn.release();
      const releasedAt = clock.time;
      const retiredAt: number[] = [];
      pool.addEventListener("retire", ({ reason }) => {
        if (reason === "idle") retiredAt.push(clock.time - releasedAt);
      });
      await clock.advance(maxIdleTime + 2 * tick);
      assertEquals(retiredAt.length, 1);
      const [age = 0] = retiredAt;
      assert(age >= maxIdleTime, `early: ${age} of ${maxIdleTime}`);
      await first.release();
    }
  }
});

Deno.test("4.7 maxIdleTime counts from the last use, and the pool's clock alone: no wall clock is read", async () => {
  const { now } = Date;
  Date.now = () => {
    throw new Error("the wall clock was read");
  };
  try {
    await using virtual = createVirtualPool({ maxIdleTime: 5_000 });
    const { pool, clock } = virtual;
    for (let round = 0; round < 5; round++) {
      await clock.advance(4_000);
      await (await pool.acquire("/a")).release();
    }
    assertEquals(pool.stats().totalConnections, 1);
    await clock.advance(6_000);
    assertEquals(pool.stats().retired.idle, 1);
  } finally {
    Date.now = now;
  }
});

Deno.test("4.7 F83 maxLifetime retires idle connections up to a tenth early, at random", async () => {
  const randoms = [0, 0.5, 0.999];
  let index = 0;
  await using virtual = createVirtualPool(
    { maxLifetime: 100_000, maxIdleTime: Infinity },
    { random: () => randoms[index++ % 3] ?? 0 },
  );
  const { pool, clock } = virtual;
  const start = clock.time;
  const retiredAt: number[] = [];
  pool.addEventListener("retire", ({ reason }) => {
    assertEquals(reason, "lifetime");
    retiredAt.push(clock.time - start);
  });
  await fill(pool, 3);
  await clock.advance(100_000);
  assertEquals(retiredAt.map(Math.round), [90_010, 95_000, 100_000]);
});

Deno.test("4.7 a leased connection past its lifetime is retired at the release", async () => {
  await using virtual = createVirtualPool({ maxLifetime: 10_000 });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  await clock.advance(20_000);
  assertEquals(conn.isConnected, true);
  await conn.release();
  assertEquals(pool.stats().retired.lifetime, 1);
});

Deno.test("3.1 F52 a lease beyond leakThreshold raises one leak event with the stack of its acquire", async () => {
  await using virtual = createVirtualPool({ leakThreshold: 3_000 });
  const { pool, clock } = virtual;
  const leaks: LeakEvent[] = [];
  pool.addEventListener("leak", (event) => void leaks.push(event));
  async function leakyCaller() {
    return await pool.acquire("/a", { timeout: 100 });
  }
  const conn = await leakyCaller();
  await clock.advance(2_999);
  assertEquals(leaks.length, 0);
  await clock.advance(1);
  await clock.advance(30_000);
  assertEquals(leaks.length, 1);
  const [leak] = leaks;
  assert(leak !== undefined);
  assert(leak.stack?.includes("leakyCaller"), leak.stack);
  const { reason, connectionId, url, duration } = leak;
  assertEquals(
    [reason, connectionId, url, duration],
    ["held", 1, "wss://h.example/a", 3_000],
  );
  assertEquals(conn.isConnected, true);
  await conn.release();
});

Deno.test("3.1 F52 the leak of a lease of an idle connection is told in time, between two ticks", async () => {
  for (const fresh of [false, true]) {
    await using virtual = createVirtualPool({ leakThreshold: 250 });
    const { pool, clock } = virtual;
    await pool.warm("/a");
    const conn =
      await (fresh ? pool.acquire("/a", { fresh }) : pool.acquire("/a"));
    const held: number[] = [];
    pool.addEventListener("leak", ({ duration }) => void held.push(duration));
    await clock.advance(250);
    assertEquals(held, [250]);
    await conn.release();
  }
});

Deno.test("3.1 F52 the stack of a leak is that of the lease at hand, however it was acquired", async () => {
  await using virtual = createVirtualPool({ leakThreshold: 3_000 });
  const { pool, clock } = virtual;
  const stacks: (string | undefined)[] = [];
  pool.addEventListener("leak", ({ stack }) => void stacks.push(stack));
  async function honestCaller() {
    await (await pool.acquire("/a")).release();
  }
  async function waitingCaller() {
    return await pool.acquire("/a");
  }
  async function idleCaller() {
    return await pool.acquire("/a");
  }
  function tryingCaller() {
    return pool.tryAcquire("/a");
  }
  async function boundedCaller() {
    return await pool.acquire("/a", { timeout: 100 });
  }
  async function freshCaller() {
    return await pool.acquire("/a", { fresh: true });
  }
  for (
    const [caller, name] of [
      [waitingCaller, "waitingCaller"],
      [idleCaller, "idleCaller"],
      [tryingCaller, "tryingCaller"],
      [boundedCaller, "boundedCaller"],
      [freshCaller, "freshCaller"],
    ] as const
  ) {
    if (caller !== waitingCaller) await honestCaller();
    const conn = await caller();
    await clock.advance(3_000);
    const stack = stacks.pop() ?? "";
    assert(stack.includes(name), `${name}: ${stack}`);
    await conn?.release();
  }
});

Deno.test("3.1 F52 the stack of a leak reaches to the user's code, by whatever way of the pool's it was acquired", async () => {
  await using virtual = createVirtualPool({ leakThreshold: 3_000 });
  const { pool, clock } = virtual;
  await pool.warm("/a");
  let leaked = "";
  pool.addEventListener("leak", ({ stack }) => void (leaked = stack ?? ""));
  const { promise: never, resolve } = Promise.withResolvers<void>();
  function outerCaller() {
    return innerCaller();
  }
  function innerCaller() {
    return pool.use("/a", () => never, { timeout: 100 });
  }
  const used = outerCaller();
  await clock.advance(3_000);
  // Engines keep the nearest ten calls only.
  assert(leaked.includes("innerCaller"), leaked);
  assert(leaked.includes("outerCaller"), leaked);
  resolve();
  await used;
});

Deno.test("4.7 F73 a handshake answered during a standstill is not declared late", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  clock.jump(60_000);
  // The timers come first, what waits in the runtime's queue afterwards.
  await clock.advance(10);
  network.last.open();
  await clock.settle();
  assertEquals(acquired.state, "fulfilled");
});

Deno.test("4.7 F60 durations beyond 2^31-1 ms are waited for in full", async () => {
  const month = 30 * 24 * 3_600_000;
  await using virtual = createVirtualPool({
    maxLifetime: 2 * month,
    maxIdleTime: Infinity,
    healthCheckInterval: Infinity,
    acquireTimeout: month,
    maxConnections: 1,
  });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const waiter = observe(pool.acquire("/a"));
  await clock.settle();
  // Ticks would take their time here: only the far deadlines are of interest.
  clock.jump(month - 10_000);
  await clock.advance(100);
  assertEquals(waiter.state, "pending");
  await clock.advance(10_000);
  assertEquals(waiter.state, "rejected");
  await conn.release();
});

Deno.test("4.7 F75 what is due is done with the next call, though the timer does not come", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    acquireTimeout: 500,
  });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const waiter = observe(pool.acquire("/a"));
  await clock.settle();
  clock.jump(600);
  const other = observe(pool.acquire("/a"));
  await clock.settle();
  assertEquals([waiter.state, other.state], ["rejected", "pending"]);
  await conn.release();
});
