import { assertEquals } from "@std/assert";
import type { AcquireOptions, ConnectionPool } from "../../mod.ts";
import { createVirtualPool } from "../support/virtual_pool.ts";
import { RuntimeSpy, type RuntimeUses } from "./runtime_spy.ts";

const PAIRS = 10_000;

interface Cost extends RuntimeUses {
  /** Timers set on the pool's own clock. */
  armed: number;
  /** Reads of the pool's own clock. */
  reads: number;
}

const nothing: Cost = {
  timers: 0,
  clockReads: 0,
  controllers: 0,
  signals: 0,
  signalListeners: 0,
  armed: 0,
  reads: 0,
};

/** What 10 000 pairs cost over a connection that is idle already. */
async function costOf(
  pair: (pool: ConnectionPool) => Promise<void>,
  options?: AcquireOptions,
): Promise<Cost> {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  await pool.use("/ws", () => {}, options);
  const { armed, reads } = clock;
  using spy = new RuntimeSpy();
  for (let count = 0; count < PAIRS; count++) await pair(pool);
  assertEquals(network.sockets.length, 1);
  assertEquals(pool.stats().totalAcquiredReused, PAIRS);
  return {
    ...spy.uses,
    armed: clock.armed - armed,
    reads: clock.reads - reads,
  };
}

function acquireAndRelease(
  options?: AcquireOptions,
): (pool: ConnectionPool) => Promise<void> {
  return async (pool) => {
    const conn = await pool.acquire("/ws", options);
    await conn.release();
  };
}

Deno.test("4.2 10 000 uncontended acquire + release arm no timer, read no clock, make no AbortSignal", async () => {
  assertEquals(await costOf(acquireAndRelease()), nothing);
});

Deno.test("4.2 nor does a pair with a timeout, a long-lived signal, both or neither", async () => {
  const { signal } = new AbortController();
  const timeout = 1_000;
  for (const options of [{}, { timeout }, { signal }, { signal, timeout }]) {
    assertEquals(await costOf(acquireAndRelease(options)), nothing);
  }
});

Deno.test("4.2 nor does a pair of a key with particulars", async () => {
  const [identity, protocols] = ["bot", "v1"];
  for (const options of [{ identity }, { protocols, identity, timeout: 5 }]) {
    const cost = await costOf(acquireAndRelease(options), options);
    assertEquals(cost, nothing);
  }
});

Deno.test("4.2 nor does tryAcquire, use, or await using", async () => {
  const ways = [
    async (pool: ConnectionPool) => {
      await pool.tryAcquire("/ws")?.release();
    },
    (pool: ConnectionPool) => pool.use("/ws", () => {}),
    async (pool: ConnectionPool) => {
      await using _conn = await pool.acquire("/ws");
    },
  ];
  for (const way of ways) assertEquals(await costOf(way), nothing);
});

Deno.test("4.2 nor does a pair that sends a message", async () => {
  const pair = async (pool: ConnectionPool) => {
    const conn = await pool.acquire("/ws");
    await conn.send("x");
    await conn.release();
  };
  assertEquals(await costOf(pair), nothing);
});

Deno.test("the spy counts what it should, and puts everything back", () => {
  const before = [
    setTimeout,
    performance.now,
    AbortController,
    AbortSignal.any,
    Object.hasOwn(AbortSignal.prototype, "addEventListener"),
  ];
  {
    using spy = new RuntimeSpy();
    clearTimeout(setTimeout(() => {}, 0));
    performance.now();
    const { signal } = new AbortController();
    AbortSignal.any([signal]);
    signal.addEventListener("abort", () => {});
    assertEquals(spy.uses, {
      timers: 1,
      clockReads: 1,
      controllers: 1,
      signals: 1,
      signalListeners: 1,
    });
  }
  assertEquals([
    setTimeout,
    performance.now,
    AbortController,
    AbortSignal.any,
    Object.hasOwn(AbortSignal.prototype, "addEventListener"),
  ], before);
});
