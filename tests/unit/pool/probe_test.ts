import { assert, assertEquals } from "@std/assert";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

/** Leases and releases a number of connections of one key. */
async function fill(
  pool: { warm(path: string, options: { count: number }): Promise<number> },
  count: number,
): Promise<void> {
  assertEquals(await pool.warm("/a", { count }), count);
}

Deno.test("4.6 idle connections are probed by healthCheck: true keeps, everything else retires", async () => {
  const answers: [string, () => boolean | Promise<boolean>][] = [
    ["true", () => true],
    ["a promise of true", () => Promise.resolve(true)],
    ["false", () => false],
    ["a rejection", () => Promise.reject(new Error("no"))],
    ["a throw", () => {
      throw new Error("no");
    }],
    ["no answer", () => new Promise<boolean>(() => {})],
    // What a caller without types may return.
    ["null", () => JSON.parse("null")],
    ["1", () => JSON.parse("1")],
  ];
  for (const [name, healthCheck] of answers) {
    await using virtual = createVirtualPool({
      healthCheck,
      healthCheckInterval: 10_000,
      healthCheckTimeout: 2_000,
      maxIdleTime: Infinity,
    });
    const { pool, clock } = virtual;
    const seen: string[] = [];
    pool.addEventListener(
      "healthcheck",
      ({ reason }) => void seen.push(reason),
    );
    await fill(pool, 1);
    await clock.advance(14_000);
    const isHealthy = name.includes("true");
    assertEquals(seen, [isHealthy ? "passed" : "failed"], name);
    const { totalHealthCheckFailures, retired, idleConnections } = pool.stats();
    assertEquals(
      [totalHealthCheckFailures, retired.probe, idleConnections],
      isHealthy ? [0, 0, 1] : [1, 1, 0],
      name,
    );
  }
});

Deno.test("4.6 a probe may send and receive; what it leaves unread is dropped", async () => {
  await using virtual = createVirtualPool({
    healthCheckInterval: 10_000,
    healthCheck: async (conn) => {
      await conn.send("ping");
      return await conn.receive() === "pong";
    },
  });
  const { pool, clock, network } = virtual;
  await fill(pool, 1);
  await clock.advance(10_000);
  assertEquals(network.last.sent, ['"ping"']);
  assertEquals(pool.stats().idleConnections, 1);
  assertEquals(pool.tryAcquire("/a"), undefined);
  network.last.message('"pong"');
  network.last.message('"more"');
  await clock.settle();
  const { totalMessagesDropped } = pool.stats();
  assertEquals(totalMessagesDropped, 1);
  assertEquals(pool.tryAcquire("/a")?.id, 1);
});

Deno.test("4.11 an acquire waits for the probe that holds the only connection", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  await using virtual = createVirtualPool({
    maxConnections: 1,
    healthCheckInterval: 10_000,
    healthCheck: () => promise,
  });
  const { pool, clock } = virtual;
  await fill(pool, 1);
  await clock.advance(10_000);
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  assertEquals(acquired.state, "pending");
  resolve(true);
  await clock.settle();
  assertEquals(acquired.value.id, 1);
});

Deno.test("4.6 probes are few at once, and the next begins when one ends", async () => {
  const answers: PromiseWithResolvers<boolean>[] = [];
  await using virtual = createVirtualPool({
    maxConnections: 12,
    maxIdleTime: Infinity,
    healthCheck: () => {
      const answer = Promise.withResolvers<boolean>();
      answers.push(answer);
      return answer.promise;
    },
  });
  const { pool, clock } = virtual;
  await fill(pool, 12);
  await clock.advance(30_000);
  assertEquals(answers.length, 4);
  for (const [index, { resolve }] of [...answers].entries()) {
    resolve(true);
    await clock.settle();
    assertEquals(answers.length, 5 + index);
  }
});

Deno.test("4.6 the probes of connections born together are spread", async () => {
  let number = 0;
  const probedAt = new Map<number, number>();
  const time = { now: () => 0 };
  await using virtual = createVirtualPool({
    maxConnections: 10,
    maxIdleTime: Infinity,
    healthCheck: (conn) => {
      probedAt.set(conn.id, time.now());
      return true;
    },
  }, { random: () => number++ / 10 });
  const { pool, clock } = virtual;
  const start = clock.time;
  time.now = () => clock.time - start;
  await fill(pool, 10);
  await clock.advance(30_000);
  assertEquals(probedAt.size, 10);
  const moments = new Set(probedAt.values());
  assert(moments.size >= 3, `${[...moments]}`);
  for (const moment of moments) assert(moment >= 27_000);
});

Deno.test("4.6 a connection that spoke since is not probed", async () => {
  const probes: number[] = [];
  await using virtual = createVirtualPool({
    healthCheckInterval: 10_000,
    maxIdleTime: Infinity,
    healthCheck: (conn) => {
      probes.push(conn.id);
      return true;
    },
  });
  const { pool, clock, network } = virtual;
  await fill(pool, 2);
  for (let second = 0; second < 12; second++) {
    network.sockets[0]?.message("1");
    await clock.advance(1_000);
  }
  assertEquals(probes, [2]);
});

Deno.test("4.6 without healthCheck a probe looks at the socket's state and its unsent bytes", async () => {
  await using virtual = createVirtualPool({
    healthCheckInterval: 10_000,
    websocket: { sendHighWaterMark: 100 },
  });
  const { pool, clock, network } = virtual;
  await fill(pool, 3);
  const [closing, stuck] = network.sockets;
  assert(closing !== undefined && stuck !== undefined);
  closing.answersClose = false;
  closing.close();
  stuck.buffered = 101;
  await clock.advance(11_000);
  const { retired, idleConnections } = pool.stats();
  assertEquals([retired.probe, idleConnections], [2, 1]);
});
