import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import {
  ConnectionLostError,
  type ConnectionPoolConfig,
  HeartbeatTimeoutError,
} from "../../../mod.ts";
import {
  answerPings,
  BARE_WORDS,
  pingCount,
} from "../../support/bare_words.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

const silent = { debug() {}, info() {}, warn() {}, error() {} };

Deno.test("4.6 passive watch: bytes that do not leave within timeout lose the socket, those that do never", async () => {
  for (const runtime of ["deno", "node", "chromium"] as const) {
    await using virtual = createVirtualPool({
      logger: silent,
      websocket: { heartbeat: { interval: 10_000, timeout: 3_000 } },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    await clock.advance(60_000);
    assertEquals([conn.isConnected, network.last.sent], [true, []]);
    // Slow, but moving.
    network.last.buffered = 1_000;
    for (let second = 0; second < 30; second++) {
      network.last.buffered -= 20;
      await clock.advance(1_000);
    }
    assertEquals(conn.isConnected, true);
    await clock.advance(13_000);
    assertEquals(conn.isConnected, false);
  }
});

Deno.test("4.6 passive watch: a sender whose backlog grows while bytes leave is alive", async () => {
  await using virtual = createVirtualPool<unknown, string>({
    logger: silent,
    websocket: {
      codec: "text",
      heartbeat: { interval: 10_000, timeout: 3_000 },
    },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  for (let second = 0; second < 60; second++) {
    // 100 go in, 40 go out.
    await conn.send("x".repeat(100));
    network.last.buffered += 100 - 40;
    await clock.advance(1_000);
  }
  assertEquals(conn.isConnected, true);
  for (let second = 0; second < 13 && conn.isConnected; second++) {
    await conn.send("x".repeat(100));
    network.last.buffered += 100;
    await clock.advance(1_000);
  }
  assertEquals(conn.isConnected, false);
});

Deno.test("4.6 a heartbeat that can ask nothing warns once per pool, to the logger, else to the console", async () => {
  const nothing = { interval: 10_000 };
  const cases: {
    runtime: RuntimeName;
    heartbeat: NonNullable<ConnectionPoolConfig["websocket"]>["heartbeat"];
    warnings: number;
  }[] = [
    { runtime: "deno", heartbeat: nothing, warnings: 1 },
    { runtime: "chromium", heartbeat: 10_000, warnings: 1 },
    { runtime: "bun", heartbeat: nothing, warnings: 0 },
    { runtime: "deno", heartbeat: BARE_WORDS, warnings: 0 },
    {
      runtime: "deno",
      heartbeat: { ...nothing, maxSilence: 60_000 },
      warnings: 0,
    },
  ];
  for (const { runtime, heartbeat, warnings } of cases) {
    for (const hasLogger of [true, false]) {
      const logged: string[] = [];
      const warn = (message: string) => {
        if (message.includes("heartbeat")) logged.push(message);
      };
      const original = console.warn;
      console.warn = warn;
      try {
        await using virtual = createVirtualPool({
          ...(hasLogger ? { logger: { ...silent, warn } } : {}),
          websocket: { heartbeat, reconnect: true },
        }, { runtime });
        const { pool, clock, network } = virtual;
        await pool.acquire("/a");
        await pool.acquire("/b");
        network.last.reset();
        await clock.advance(5_000);
        assertEquals(network.dials.length, 3);
      } finally {
        console.warn = original;
      }
      assertEquals(logged.length, warnings, `${runtime} ${hasLogger}`);
      for (const message of logged) assertStringIncludes(message, "maxSilence");
    }
  }
});

Deno.test("4.6 F28 maxSilence loses a silent socket without any ping, no earlier, and at most a tenth later", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({
      websocket: {
        heartbeat: { interval: Infinity, timeout: 1_000, maxSilence: 60_000 },
      },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    const reader = observe(conn.receive());
    const lost = observe(conn.forEach(() => {}));
    await clock.advance(31_234);
    network.last.message("1");
    await clock.settle();
    assertEquals([reader.value, lost.state], [1, "rejected"]);
    await clock.advance(59_999);
    assertEquals(conn.isConnected, true);
    await clock.advance(6_001);
    assertEquals(conn.isConnected, false);
    const { reason } = conn.signal;
    assertInstanceOf(reason, ConnectionLostError);
    assertInstanceOf(reason.cause, HeartbeatTimeoutError);
    assert(reason.cause.silence >= 60_000);
    assertEquals(network.last.sent, []);
  }
});

Deno.test("4.7 F73 F74 after a stall one re-validation: every peer is asked once more and nobody is lost", async () => {
  for (const stall of [6_000, 12_500, 3_600_000]) {
    await using virtual = createVirtualPool({
      maxConnections: 50,
      websocket: { heartbeat: BARE_WORDS, reconnect: true },
    });
    const { pool, clock, network } = virtual;
    const conns = await Promise.all(
      Array.from({ length: 50 }, (_, index) => pool.acquire(`/${index}`)),
    );
    await clock.advance(10_000);
    // Their answers wait in the queues of a process that stands still.
    clock.jump(stall);
    await clock.advance(60);
    for (const socket of network.sockets) answerPings(socket);
    await clock.advance(2_999);
    for (const socket of network.sockets) answerPings(socket);
    assertEquals(conns.every(({ isConnected }) => isConnected), true);
    for (const socket of network.sockets) {
      assert(pingCount(socket) <= 2, `${pingCount(socket)} pings`);
    }
    // Whoever does not answer the second time is lost.
    assertEquals(pool.stats().totalReconnects, 0);
    network.behaviour = "hang";
    await clock.advance(14_000);
    assertEquals(conns.some(({ isConnected }) => isConnected), false);
    assertEquals(pool.stats().retired.lost, 0);
  }
});

Deno.test("4.7 F73 a stall below a second loses nobody either, however short the timeout", async () => {
  await using virtual = createVirtualPool({
    websocket: { heartbeat: { ...BARE_WORDS, interval: 1_000, timeout: 300 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  await clock.advance(1_000);
  assertEquals(pingCount(network.last), 1);
  // The pong is there in 10 ms, but this process does something else for 900.
  clock.jump(900);
  await clock.advance(0);
  assertEquals(conn.isConnected, true);
  answerPings(network.last);
  await clock.advance(1_000);
  assertEquals(conn.isConnected, true);
});
