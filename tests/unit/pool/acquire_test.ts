import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { ConnectError, PoolClosedError } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

Deno.test("4.2 the uncontended path reads no clock, sets no timer and dials nothing", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  await (await pool.acquire("/a")).release();
  const { reads, armed } = clock;
  for (let round = 0; round < 10; round++) {
    const conn = await pool.acquire("/a");
    assertEquals(conn.reused, true);
    await conn.release();
  }
  assertEquals([clock.reads, clock.armed], [reads, armed]);
  assertEquals(network.dials.length, 1);
});

Deno.test("4.2 the newest idle connection is leased first", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const conns = [await pool.acquire("/a"), await pool.acquire("/a")];
  for (const conn of conns) await conn.release();
  assertEquals((await pool.acquire("/a")).id, 2);
  assertEquals((await pool.acquire("/a")).id, 1);
});

Deno.test("4.2 connections of another key, protocol or identity are not reused", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const ids = new Set<number>();
  for (
    const [path, options] of [
      ["/a", {}],
      ["/b", {}],
      ["/a", { protocols: "v1" }],
      ["/a", { identity: "alice" }],
      ["/a?x=1", {}],
    ] as const
  ) {
    const conn = await pool.acquire(path, options);
    ids.add(conn.id);
    await conn.release();
  }
  assertEquals(ids.size, 5);
  assertEquals((await pool.acquire("/a", { identity: "alice" })).id, 4);
});

Deno.test("4.2 a dial whose waiter left serves the next waiter", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const abort = new AbortController();
  const first = observe(pool.acquire("/a", { signal: abort.signal }));
  const second = observe(pool.acquire("/a"));
  await clock.settle();
  abort.abort("gone");
  network.last.open();
  await clock.settle();
  assertEquals(first.reason, "gone");
  assertEquals(second.value.id, 1);
  assertEquals(network.dials.length, 1);
});

Deno.test("4.2 F4 one deadline covers the handshake", async () => {
  await using virtual = createVirtualPool({ acquireTimeout: 2_000 });
  const { pool, clock, network } = virtual;
  network.behaviour = "hang";
  const acquired = observe(pool.acquire("/a"));
  await clock.advance(1_999);
  assertEquals(acquired.state, "pending");
  await clock.advance(1);
  assertInstanceOf(acquired.reason, ConnectError);
  const { message, attempts, phase, timedOut, fatal, closeCode, url } =
    acquired.reason;
  assertEquals(
    { message, attempts, phase, timedOut, fatal, closeCode, url },
    {
      message:
        "Cannot connect to wss://h.example/a within 2000 ms: its dial was " +
        "still under way. Check the address and the server, or raise the " +
        "acquire's timeout",
      attempts: 0,
      phase: "dial",
      timedOut: true,
      fatal: false,
      closeCode: undefined,
      url: "wss://h.example/a",
    },
  );
});

Deno.test("4.2 one deadline covers onOpen too", async () => {
  await using virtual = createVirtualPool({
    acquireTimeout: 2_000,
    websocket: { onOpen: () => new Promise<void>(() => {}) },
  });
  const { pool, clock } = virtual;
  const acquired = observe(pool.acquire("/a"));
  await clock.advance(2_000);
  assertInstanceOf(acquired.reason, ConnectError);
  assertEquals(acquired.reason.timedOut, true);
  assertEquals(pool.stats().connectingConnections, 1);
});

Deno.test("4.2 F3 F4 connectTimeout ends a handshake and an onOpen that hang", async () => {
  for (const runtime of RUNTIMES) {
    for (const phase of ["dial", "open-hook"] as const) {
      await using virtual = createVirtualPool({
        websocket: {
          connectTimeout: 1_500,
          onOpen: () => new Promise<void>(() => {}),
        },
      }, { runtime });
      const { pool, clock, network } = virtual;
      network.behaviour = phase === "dial" ? "hang" : "open";
      const acquired = observe(pool.acquire("/a"));
      await clock.advance(1_499);
      assertEquals(acquired.state, "pending");
      await clock.advance(1);
      assertInstanceOf(acquired.reason, ConnectError);
      assertEquals(acquired.reason.phase, phase);
      assertEquals(acquired.reason.timedOut, true);
      assertEquals(network.live, 0);
      assertEquals(pool.stats().connectingConnections, 0);
    }
  }
});

Deno.test("4.2 an acquire of a closed pool rejects with PoolClosedError", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  await pool.close();
  await assertRejects(
    () => pool.acquire("/a"),
    PoolClosedError,
    "Cannot use wss://h.example/a: the pool is closed",
  );
  assertEquals(pool.tryAcquire("/a"), undefined);
  await assertRejects(() => pool.warm("/a"), PoolClosedError);
  assertEquals(pool.stats().byKey.size, 0);
});

Deno.test("4.11 a key that nothing hangs on leaves no record, however it was asked for", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1, maxWaiting: 0 });
  const { pool } = virtual;
  const conn = await pool.acquire("/held");
  pool.tryAcquire("/try");
  const refused = [
    pool.acquire("/now", { timeout: 0 }),
    pool.acquire("/full"),
    pool.acquire("/fresh", { timeout: 0, fresh: true }),
    pool.acquire("/left", { signal: AbortSignal.abort() }),
    pool.warm("/warmth", { signal: AbortSignal.abort() }),
  ];
  for (const { status } of await Promise.allSettled(refused)) {
    assertEquals(status, "rejected");
  }
  assertEquals(await pool.warm("/none", { count: 0 }), 0);
  assertEquals([...pool.stats().byKey.keys()], ["wss://h.example/held"]);
  await conn.discard();
});
