import { assertEquals, assertInstanceOf } from "@std/assert";
import { PoolClosedError } from "../../../mod.ts";
import { EVENT_TYPES } from "../../support/event_types.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("4.8 F46 F57 close inside each hook ends that hook, its waiter and the pool", async () => {
  for (const hook of ["onOpen", "reset", "healthCheck"] as const) {
    const closings: ReturnType<typeof observe>[] = [];
    const signals: AbortSignal[] = [];
    const closePool: { call?: () => Promise<unknown> } = {};
    const run = async (conn: { signal: AbortSignal }): Promise<never> => {
      signals.push(conn.signal);
      closings.push(observe(closePool.call?.() ?? Promise.resolve()));
      return await new Promise<never>(() => {});
    };
    await using virtual = createVirtualPool({
      healthCheckInterval: 1_000,
      ...(hook === "reset" ? { reset: run } : {}),
      ...(hook === "healthCheck" ? { healthCheck: run } : {}),
      ...(hook === "onOpen" ? { websocket: { onOpen: run } } : {}),
    });
    const { pool, clock } = virtual;
    closePool.call = () => pool.close();
    const acquired = observe(pool.acquire("/a"));
    await clock.settle();
    if (hook === "onOpen") {
      assertInstanceOf(acquired.reason, PoolClosedError);
    } else {
      const released = observe(acquired.value.release());
      await clock.advance(2_000);
      assertEquals(released.state, "fulfilled");
    }
    assertEquals(closings.map(({ state }) => state), ["fulfilled"], hook);
    assertEquals(signals.map(({ aborted }) => aborted), [true], hook);
    assertEquals(clock.pending, 0);
  }
});

Deno.test("4.8 F46 F57 close inside each event's listener leaves nothing behind", async () => {
  // Those of a reconnect are closed in the tests of its stages.
  const types = EVENT_TYPES.filter((type) => !type.startsWith("reconnect"));
  for (const type of types) {
    await using virtual = createVirtualPool({
      maxConnections: 2,
      leakThreshold: 2_000,
      healthCheckInterval: 1_000,
    });
    const { pool, clock, network } = virtual;
    let closings = 0;
    pool.addEventListener(type, () => {
      closings++;
      pool.close();
    });
    network.behave("/dead", "refuse");
    const steps: (() => Promise<unknown>)[] = [
      () => pool.use("/a", () => network.last.message("1")),
      () => pool.acquire("/dead"),
      () => pool.acquire("/leak"),
      async () => {
        await pool.acquire("/lost");
        network.last.reset();
      },
      () => pool.acquire("/b"),
      () => pool.acquire("/c", { timeout: 0 }),
    ];
    const outcomes = [];
    for (const step of steps) {
      outcomes.push(observe(step()));
      await clock.advance(1_500);
    }
    await clock.advance(30_000);
    if (!pool.closed) await pool.close();
    assertEquals(closings > 0, true, type);
    for (const { state } of outcomes) assertEquals(state !== "pending", true);
    assertEquals([clock.pending, network.live], [0, 0], type);
  }
});

Deno.test("4.8 F48 disposal during an acquire rejects it with PoolClosedError", async () => {
  const virtual = createVirtualPool();
  const { pool, network } = virtual;
  network.behaviour = "hang";
  const acquired = observe(pool.acquire("/a"));
  await pool[Symbol.asyncDispose]();
  assertInstanceOf(acquired.reason, PoolClosedError);
  await virtual[Symbol.asyncDispose]();
});

Deno.test("4.8 F49 an acquire inside a release or close listener works or fails by a rule", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock } = virtual;
  const inner: ReturnType<typeof observe>[] = [];
  pool.addEventListener("release", () => {
    if (inner.length < 3) inner.push(observe(pool.use("/a", () => "used")));
  });
  pool.addEventListener("close", () => {
    inner.push(observe(pool.acquire("/a")));
  });
  await (await pool.acquire("/a")).release();
  await clock.settle();
  assertEquals(inner.map(({ value }) => value), ["used", "used", "used"]);
  await pool.close();
  await clock.settle();
  assertInstanceOf(inner[3]?.reason, PoolClosedError);
});
