import { assert, assertEquals } from "@std/assert";
import type { HookContext } from "../../../mod.ts";
import {
  answerPings,
  BARE_WORDS,
  pingCount,
} from "../../support/bare_words.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

Deno.test("4.6 F33 reply answers the server's pings, leased or idle; they reach nobody and trigger no idleMessages", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({
      idleMessages: "retire",
      healthCheckInterval: Infinity,
      websocket: {
        heartbeat: {
          interval: 60_000,
          maxSilence: 600_000,
          raw: true,
          reply: (data: string | ArrayBuffer) =>
            data === "PING" ? "PONG" : undefined,
        },
      },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    const socket = network.last;
    socket.message("PING");
    socket.message("1");
    assertEquals(socket.sent, ["PONG"]);
    assertEquals(await conn.receive(), 1);
    await conn.release();
    // The server drops clients that do not answer; this one lives for an hour.
    for (let round = 2; round < 10; round++) {
      await clock.advance(25_000);
      socket.message("PING");
      assertEquals(socket.sent.length, round);
    }
    assertEquals(pool.stats().idleConnections, 1);
    assertEquals(pool.stats().totalMessagesDropped, 0);
    const again = await pool.acquire("/a");
    assertEquals([again.id, again.reused], [1, true]);
  }
});

Deno.test("4.6 4.11 a late pong on an idle connection never triggers idleMessages", async () => {
  await using virtual = createVirtualPool({
    idleMessages: "retire",
    websocket: { heartbeat: BARE_WORDS },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  await clock.advance(10_000);
  await conn.release();
  await clock.advance(1_000);
  assertEquals(answerPings(network.last), 1);
  assertEquals(pool.stats().idleConnections, 1);
  assertEquals(pool.stats().totalMessagesDropped, 0);
  // Nothing else is let through.
  network.last.message("1");
  assertEquals(pool.stats().idleConnections, 0);
});

Deno.test("4.6 a server that freezes on an idle connection is not the heartbeat's: only the probe finds it", async () => {
  await using virtual = createVirtualPool({
    healthCheckInterval: Infinity,
    websocket: { heartbeat: BARE_WORDS },
  });
  const { pool, clock, network } = virtual;
  await (await pool.acquire("/a")).release();
  await clock.advance(100_000);
  assertEquals(network.last.sent, []);
  const conn = await pool.acquire("/a");
  assertEquals(conn.reused, true);
  await clock.advance(20_000 - 1);
  assertEquals(pingCount(network.last), 1);
  await clock.advance(3_001);
  assertEquals(conn.isConnected, false);
});

Deno.test("4.6 idle connections are probed by ping within healthCheckTimeout; any answer passes", async () => {
  for (const answer of ["pong", "1", undefined]) {
    await using virtual = createVirtualPool({
      healthCheckInterval: 30_000,
      healthCheckTimeout: 5_000,
      websocket: { heartbeat: BARE_WORDS },
    });
    const { pool, clock, network } = virtual;
    const checks: unknown[] = [];
    pool.addEventListener("healthcheck", ({ reason, duration }) => {
      checks.push([reason, duration]);
    });
    await (await pool.acquire("/a")).release();
    const start = clock.time;
    while (pingCount(network.last) === 0 && clock.time < start + 40_000) {
      await clock.advance(100);
    }
    const at = clock.time - start;
    // Up to a tenth earlier, and a tick later.
    assert(at >= 27_000 && at <= 32_000, `probed after ${at}`);
    if (answer !== undefined) network.last.message(answer);
    await clock.advance(5_000);
    const passed = answer !== undefined;
    assertEquals(pool.stats().idleConnections, passed ? 1 : 0);
    assertEquals(pool.stats().retired.probe, passed ? 0 : 1);
    assertEquals(pool.stats().totalHealthCheckFailures, passed ? 0 : 1);
    assertEquals(checks.length, 1);
    assertEquals(pingCount(network.last), 1);
  }
});

Deno.test("4.6 frame pings probe idle connections too", async () => {
  await using virtual = createVirtualPool({
    maxIdleTime: Infinity,
    websocket: { heartbeat: 10_000 },
  }, { runtime: "bun" });
  const { pool, clock, network } = virtual;
  await (await pool.acquire("/a")).release();
  await clock.advance(100_000);
  assertEquals(pool.stats().idleConnections, 1);
  assert(network.last.pings.length >= 3);
  network.last.answersPing = false;
  await clock.advance(40_000);
  assertEquals(pool.stats().retired.probe, 1);
});

Deno.test("4.6 an idle connection whose server speaks by itself is not probed, be it pings or messages", async () => {
  for (const word of ["PING", "1"]) {
    await using virtual = createVirtualPool({
      maxIdleTime: Infinity,
      websocket: {
        heartbeat: {
          ...BARE_WORDS,
          reply: (data: string | ArrayBuffer) =>
            data === "PING" ? "PONG" : undefined,
        },
      },
    });
    const { pool, clock, network } = virtual;
    await (await pool.acquire("/a")).release();
    for (let round = 0; round < 20; round++) {
      await clock.advance(10_000);
      network.last.message(word);
    }
    assertEquals(pingCount(network.last), 0, word);
    assertEquals(pool.stats().idleConnections, 1);
  }
});

Deno.test("4.6 healthCheck of the user replaces the ping", async () => {
  let healthy = true;
  await using virtual = createVirtualPool({
    maxIdleTime: Infinity,
    healthCheck: async (conn: HookContext) => {
      await conn.send("well?");
      return healthy;
    },
    websocket: { heartbeat: BARE_WORDS },
  });
  const { pool, clock, network } = virtual;
  await (await pool.acquire("/a")).release();
  await clock.advance(70_000);
  assertEquals(network.last.sent.includes('"well?"'), true);
  assertEquals(pingCount(network.last), 0);
  healthy = false;
  await clock.advance(40_000);
  assertEquals(pool.stats().retired.probe, 1);
});
