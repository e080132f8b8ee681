import { assert, assertEquals } from "@std/assert";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("4.3 I4 the waiters of a key are served in the order of their arrival", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const served: number[] = [];
  for (let number = 0; number < 5; number++) {
    pool.use("/a", () => void served.push(number));
  }
  await clock.settle();
  await conn.release();
  await clock.settle();
  assertEquals(served, [0, 1, 2, 3, 4]);
});

Deno.test("4.3 a newcomer does not overtake a waiter of its own key", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const waiter = observe(pool.acquire("/a"));
  await clock.settle();
  conn.release();
  assertEquals(pool.tryAcquire("/a"), undefined);
  const newcomer = observe(pool.acquire("/a"));
  await clock.settle();
  assertEquals([waiter.state, newcomer.state], ["fulfilled", "pending"]);
});

Deno.test("4.3 a waiter that only lacks room is overtaken at most maxConnections times, then a slot is converted for it", async () => {
  for (const maxConnections of [1, 2, 3]) {
    await using virtual = createVirtualPool({
      maxConnections,
      acquireTimeout: Infinity,
    });
    const { pool, clock } = virtual;
    let conns = await Promise.all(
      Array.from({ length: maxConnections }, () => pool.acquire("/busy")),
    );
    const poor = observe(pool.acquire("/poor"));
    await clock.settle();
    let overtakings = 0;
    for (let round = 0; round < 20 && poor.state === "pending"; round++) {
      const next = observe(pool.acquire("/busy"));
      await clock.settle();
      await conns.shift()?.release();
      await clock.settle();
      if (next.state !== "fulfilled") continue;
      overtakings++;
      conns = [...conns, next.value];
    }
    assertEquals(poor.state, "fulfilled");
    assertEquals(overtakings, maxConnections);
    assertEquals(pool.stats().retired.evicted, 1);
  }
});

Deno.test("4.3 F80 a failing key in backoff is owed nothing and converts nothing", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    acquireTimeout: 5_000,
  });
  const { pool, clock, network } = virtual;
  network.behave("/dead", "refuse");
  await pool.acquire("/dead").catch(() => {});
  let conn = await pool.acquire("/busy");
  const dead = observe(pool.acquire("/dead"));
  for (let round = 0; round < 10; round++) {
    const next = observe(pool.acquire("/busy"));
    await conn.release();
    await clock.settle();
    conn = next.value;
  }
  assertEquals(pool.stats().retired.evicted, 0);
  assertEquals(dead.state, "pending");
});

Deno.test("4.3 F82 while others want to dial, one key holds at most half of maxConnecting", async () => {
  await using virtual = createVirtualPool({ maxConnecting: 4 });
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  for (let call = 0; call < 6; call++) observe(pool.acquire("/slow"));
  await clock.settle();
  // Alone, it may have them all.
  assertEquals(network.socketsTo("/slow").length, 4);
  observe(pool.acquire("/other"));
  observe(pool.acquire("/other"));
  await clock.settle();
  const [first, second] = network.socketsTo("/slow");
  first?.open();
  await clock.settle();
  second?.open();
  await clock.settle();
  assertEquals(network.socketsTo("/other").length, 2);
  assertEquals(network.connecting, 4);
});

Deno.test("4.3 F80 dead keys do not delay a healthy one", async () => {
  await using virtual = createVirtualPool({ maxConnections: 8 });
  const { pool, clock, network } = virtual;
  for (let host = 0; host < 3; host++) {
    network.behave(`dead${host}.example`, "hang");
  }
  const dead = Array.from(
    { length: 9 },
    (_, call) => observe(pool.acquire(`wss://dead${call % 3}.example`)),
  );
  await clock.settle();
  const healthy = observe(pool.acquire("/ok", { timeout: 20_000 }));
  await clock.advance(5_000);
  assertEquals(healthy.state, "fulfilled");
  await clock.advance(10_000);
  assert(dead.every(({ state }) => state === "rejected"));
  assert(network.maxConnecting <= 4);
});

Deno.test("4.3 F13 a slow handshake does not hold up the others", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behave("/slow", "manual");
  const slow = observe(pool.acquire("/slow"));
  const quick = observe(pool.acquire("/quick"));
  await clock.settle();
  assertEquals([slow.state, quick.state], ["pending", "fulfilled"]);
});

Deno.test("4.11 a dial nobody waits for is aborted when another key needs its handshake", async () => {
  await using virtual = createVirtualPool({ maxConnecting: 1 });
  const { pool, clock, network } = virtual;
  network.behave("/slow", "hang");
  const abort = new AbortController();
  observe(pool.acquire("/slow", { signal: abort.signal }));
  await clock.settle();
  abort.abort();
  await clock.settle();
  assertEquals(network.live, 1);
  const other = observe(pool.acquire("/other"));
  await clock.settle();
  assertEquals(other.state, "fulfilled");
  assertEquals(network.socketsTo("/slow")[0]?.ended, true);
});
