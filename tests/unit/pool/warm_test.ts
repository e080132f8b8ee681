import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { ConnectError, PoolClosedError } from "../../../mod.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("4.11 fresh takes a warmed connection, never a used one", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  await (await pool.acquire("/a")).release();
  const second = await pool.acquire("/a", { fresh: true });
  assertEquals([second.id, second.reused], [2, false]);
  assertEquals(await pool.warm("/a", { count: 2 }), 2);
  const third = await pool.acquire("/a", { fresh: true });
  assertEquals([third.id, third.reused], [3, false]);
});

Deno.test("4.11 fresh at the key's limit retires the key's own oldest idle connection", async () => {
  for (const limit of ["maxConnections", "maxConnectionsPerKey"] as const) {
    await using virtual = createVirtualPool({ [limit]: 2 });
    const { pool } = virtual;
    const conns = [await pool.acquire("/a"), await pool.acquire("/a")];
    for (const conn of conns) await conn.release();
    const fresh = await pool.acquire("/a", { fresh: true });
    assertEquals([fresh.id, fresh.reused], [3, false], limit);
    assertEquals(pool.stats().retired.evicted, 1);
    assertEquals((await pool.acquire("/a")).id, 2);
  }
});

Deno.test("4.11 fresh waits while every connection is leased, and takes no released one", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const fresh = observe(pool.acquire("/a", { fresh: true }));
  await clock.settle();
  assertEquals(fresh.state, "pending");
  await conn.release();
  await clock.settle();
  assertEquals([fresh.value.id, fresh.value.reused], [2, false]);
});

Deno.test("3.1 tryAcquire gives an idle connection or nothing, and dials nothing", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  assertEquals(pool.tryAcquire("/a"), undefined);
  assertEquals(network.dials, []);
  const conn = await pool.acquire("/a");
  assertEquals(pool.tryAcquire("/a"), undefined);
  await conn.release();
  assertEquals(pool.tryAcquire("/b"), undefined);
  const again = pool.tryAcquire("/a");
  assertEquals([again?.id, again?.reused], [1, true]);
  assertEquals(pool.stats().totalAcquired, 2);
});

Deno.test("4.11 tryAcquire gives nothing while anyone of the key waits, though a connection is idle", async () => {
  await using virtual = createVirtualPool({ maxConnections: 4 });
  const { pool, clock, network } = virtual;
  await (await pool.acquire("/a")).release();
  network.behaviour = "manual";
  const fresh = observe(pool.acquire("/a", { fresh: true }));
  await clock.settle();
  assertEquals(pool.tryAcquire("/a"), undefined);
  assertEquals((await pool.acquire("/a")).id, 1);
  network.last.open();
  await clock.settle();
  assertEquals(fresh.value.id, 2);
});

Deno.test("3.1 warm tops up the key's idle connections and says how many there are", async () => {
  await using virtual = createVirtualPool({ maxConnections: 5 });
  const { pool, network } = virtual;
  assertEquals(await pool.warm("/a", { count: 2 }), 2);
  assertEquals(await pool.warm("/a", { count: 3 }), 3);
  assertEquals(await pool.warm("/a"), 3);
  assertEquals(network.dials.length, 3);
  assertEquals(pool.stats().totalAcquireStarted, 0);
});

Deno.test("3.1 warm neither evicts nor queues: it ends where there is no room", async () => {
  await using virtual = createVirtualPool({ maxConnections: 3 });
  const { pool } = virtual;
  await (await pool.acquire("/other")).release();
  const held = await pool.acquire("/held");
  assertEquals(await pool.warm("/a", { count: 3 }), 1);
  assertEquals(await pool.warm("/b"), 0);
  assertEquals(pool.stats().retired.evicted, 0);
  await held.release();
});

Deno.test("3.1 warm keeps to maxConnecting and to maxConnectionsPerKey", async () => {
  await using virtual = createVirtualPool({
    maxConnecting: 2,
    maxConnectionsPerKey: 5,
  });
  const { pool, network } = virtual;
  assertEquals(await pool.warm("/a", { count: 9 }), 5);
  assertEquals(network.maxConnecting, 2);
});

Deno.test("3.1 warm ends with its signal, its dial goes on", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const abort = new AbortController();
  const warm = observe(pool.warm("/a", { signal: abort.signal }));
  await clock.settle();
  abort.abort("enough");
  await clock.settle();
  assertEquals(warm.reason, "enough");
  network.last.open();
  await clock.settle();
  assertEquals(pool.stats().idleConnections, 1);
});

Deno.test("3.1 warm ends at its timeout, and at a failing host, with what is idle", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "hang";
  const slow = observe(pool.warm("/a", { count: 2, timeout: 300 }));
  await clock.advance(300);
  assertEquals(slow.value, 0);
  network.behave("/b", "refuse");
  assertEquals(await pool.warm("/b"), 0);
  assertEquals(pool.stats().totalConnectFailures, 1);
});

Deno.test("3.1 F46 warm rejects with PoolClosedError when the pool is closed under it", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  network.behaviour = "hang";
  const warm = observe(pool.warm("/a"));
  await pool.close();
  assertInstanceOf(warm.reason, PoolClosedError);
  assertEquals(
    warm.reason.message,
    "Cannot use wss://h.example/a: the pool is closed",
  );
});

Deno.test("4.2 an acquire is served by the dial of a warm under way", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const warm = observe(pool.warm("/a"));
  await clock.settle();
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  network.sockets[0]?.open();
  await clock.settle();
  assertEquals(acquired.value.id, 1);
  assertEquals(warm.state, "pending");
  network.last.open();
  await clock.settle();
  assertEquals(warm.value, 1);
});

Deno.test("3.1 clear retires idle connections now and leased ones on release", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  const leased = await pool.acquire("/a");
  await (await pool.acquire("/b")).release();
  pool.clear();
  await clock.settle();
  assertEquals(network.socketsTo("/b")[0]?.ended, true);
  assertEquals(leased.isConnected, true);
  await leased.release();
  assertEquals(pool.stats().retired.cleared, 2);
  assertEquals((await pool.acquire("/a")).id, 3);
});

Deno.test("3.1 clear retires dials in flight on arrival and still serves their waiters", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  pool.clear();
  network.behaviour = "open";
  network.last.open();
  await clock.settle();
  assertEquals(acquired.value.id, 2);
  assertEquals(pool.stats().retired.cleared, 1);
});

Deno.test("3.1 clear resets the backoff of failing keys", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  await assertRejects(() => pool.acquire("/a"), ConnectError);
  const second = observe(pool.acquire("/a"));
  await clock.settle();
  assertEquals(network.dials.length, 1);
  network.behaviour = "open";
  pool.clear();
  await clock.settle();
  assertEquals(second.state, "fulfilled");
  assertEquals(network.dials[1]?.at, network.dials[0]?.at);
});
