import { assert, assertEquals } from "@std/assert";
import {
  answerPings,
  BARE_WORDS,
  pingCount,
} from "../../support/bare_words.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

async function fill(
  pool: { warm(path: string, options: { count: number }): Promise<number> },
  count: number,
): Promise<void> {
  assertEquals(await pool.warm("/a", { count }), count);
}

Deno.test("4.7 F73 F74 a standstill of 6 s expires nothing in masses and probes every idle connection once", async () => {
  const probes: number[] = [];
  await using virtual = createVirtualPool({
    maxIdleTime: 5_000,
    healthCheckInterval: 4_000,
    healthCheck: (conn) => {
      probes.push(conn.id);
      return true;
    },
  });
  const { pool, clock } = virtual;
  await fill(pool, 3);
  const leased = await pool.acquire("/b");
  await clock.advance(1_000);
  assertEquals(probes, []);
  clock.jump(6_000);
  await clock.advance(500);
  assertEquals(probes.toSorted(), [1, 2, 3]);
  const { idleConnections, retired } = pool.stats();
  assertEquals([idleConnections, retired.idle], [3, 0]);
  assertEquals(leased.isConnected, true);
  await clock.advance(2_000);
  assertEquals(probes.length, 3);
});

Deno.test("4.7 F73 a standstill during a probe ages the probed connection no more than the others", async () => {
  await using virtual = createVirtualPool({
    maxIdleTime: 5_000,
    healthCheckInterval: 4_000,
    websocket: { heartbeat: BARE_WORDS },
  });
  const { pool, clock, network } = virtual;
  await fill(pool, 3);
  await clock.advance(4_000);
  assertEquals(network.sockets.map(pingCount), [1, 1, 1]);
  // Their answers wait in the queues of a process that stands still.
  clock.jump(6_000);
  await clock.advance(0);
  for (const socket of network.sockets) answerPings(socket);
  await clock.advance(600);
  const { idleConnections, retired } = pool.stats();
  assertEquals([idleConnections, retired.idle], [3, 0]);
  await clock.advance(2_000);
  assertEquals(pool.stats().retired.idle, 3);
});

Deno.test("4.7 F73 a lease that ends right after a standstill goes idle then, not before it", async () => {
  for (const hasHeard of [false, true]) {
    await using virtual = createVirtualPool({ maxIdleTime: 5_000 });
    const { pool, clock } = virtual;
    const conn = await pool.acquire("/a");
    await clock.advance(1_000);
    clock.jump(6_000);
    // The timer that comes late tells of the standstill.
    if (hasHeard) await clock.advance(0);
    await conn.release();
    await clock.advance(4_000);
    assertEquals(pool.stats().idleConnections, 1);
    await clock.advance(2_000);
    assertEquals(pool.stats().retired.idle, 1);
  }
});

Deno.test("3.1 4.7 maxIdleTime holds though every probe of an idle connection passes", async () => {
  for (const healthCheck of [undefined, () => true]) {
    await using virtual = createVirtualPool({
      maxIdleTime: 100_000,
      healthCheckInterval: 30_000,
      ...(healthCheck === undefined ? {} : { healthCheck }),
    });
    const { pool, clock } = virtual;
    await (await pool.acquire("/a")).release();
    await clock.advance(102_000);
    assertEquals(pool.stats().retired.idle, 1);
  }
});

Deno.test("4.2 4.6 a passed probe does not make a connection the most recently used", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 2,
    maxIdleTime: Infinity,
    healthCheckInterval: 30_000,
  });
  const { pool, clock } = virtual;
  await (await pool.acquire("/old")).release();
  await clock.advance(20_000);
  await (await pool.acquire("/new")).release();
  // By now /old was probed, /new was not.
  await clock.advance(11_000);
  const evicted: string[] = [];
  pool.addEventListener("retire", ({ url }) => void evicted.push(url));
  await pool.acquire("/third");
  assertEquals(evicted, ["wss://h.example/old"]);
});

Deno.test("3.1 4.4 a warm whose server greets, under idleMessages retire, is no hot loop", async () => {
  await using virtual = createVirtualPool({ idleMessages: "retire" });
  const { pool, clock, network } = virtual;
  network.behaviour = (socket) => {
    queueMicrotask(() => {
      socket.open();
      socket.message("1");
    });
  };
  const warm = observe(pool.warm("/a", { count: 2, timeout: 1_000 }));
  await clock.settle();
  await clock.settle();
  assert(network.dials.length <= 4, `${network.dials.length} dials`);
  assert(warm.state !== "rejected");
});
