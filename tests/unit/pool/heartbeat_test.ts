import {
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import {
  ConnectError,
  ConnectionLostError,
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

Deno.test("4.6 F28 a frozen peer is found within interval + timeout, on every runtime", async () => {
  for (const runtime of RUNTIMES) {
    for (const reconnect of [false, true]) {
      await using virtual = createVirtualPool({
        websocket: { heartbeat: BARE_WORDS, reconnect },
      }, { runtime });
      const { pool, clock, network } = virtual;
      const reasons: string[] = [];
      pool.addEventListener("reconnecting", ({ reason }) => {
        reasons.push(reason);
      });
      const conn = await pool.acquire("/a");
      const reader = observe(conn.receive());
      const first = network.last;
      await clock.advance(10_000);
      assertEquals(answerPings(first), 1);
      // Frozen from here on: the worst moment, just after an answer.
      first.answersClose = false;
      await clock.advance(12_999);
      assertEquals(conn.isConnected, true);
      await clock.advance(1);
      assertEquals(conn.isConnected, reconnect);
      if (reconnect) {
        assertEquals(reasons, ["heartbeat"]);
        // 4.11 The redial starts at once: it waits for no close handshake.
        assertEquals(reader.state, "pending");
        network.last.message("1");
        await clock.settle();
        assertEquals(reader.value, 1);
        assertEquals(conn.stats().reconnects, 1);
      } else {
        await clock.settle();
        assertInstanceOf(reader.reason, ConnectionLostError);
        const { cause } = reader.reason;
        assertInstanceOf(cause, HeartbeatTimeoutError);
        // The pong was noted when its time was up, 3 s after it came.
        assertEquals(cause.silence, 10_000);
        assertEquals(pool.stats().retired.lost, 1);
        assertEquals(conn.signal.reason, reader.reason);
      }
      assertEquals(first.closeCalls.length, 1);
    }
  }
});

Deno.test("4.6 text pings under the json codec: raw sees and gives wire data, the lease sees only messages", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({
      websocket: { heartbeat: BARE_WORDS },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    const seen: unknown[] = [];
    observe(conn.forEach((message) => void seen.push(message)));
    for (let round = 0; round < 5; round++) {
      await clock.advance(10_000);
      assertEquals(answerPings(network.last), 1);
      network.last.message(`{"round":${round}}`);
    }
    assertEquals(network.last.sent, new Array(5).fill("ping"));
    assertEquals(seen, [0, 1, 2, 3, 4].map((round) => ({ round })));
    assertEquals(pool.stats().totalMessagesDropped, 0);
  }
});

Deno.test("4.6 through the codec: ping as a value and as a function, isPong on messages", async () => {
  for (const asFunction of [false, true]) {
    let count = 0;
    const ping = asFunction ? () => ({ ping: ++count }) : { ping: 0 };
    await using virtual = createVirtualPool<
      { pong?: number; trade?: number },
      object
    >({
      websocket: {
        heartbeat: {
          interval: 1_000,
          ping,
          isPong: ({ pong }: { pong?: number }) => pong !== undefined,
        },
      },
    });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    for (let round = 0; round < 3; round++) {
      await clock.advance(1_000);
      network.last.message('{"pong":1}');
    }
    assertEquals(
      network.last.sent,
      [1, 2, 3].map((number) => `{"ping":${asFunction ? number : 0}}`),
    );
    assertEquals(conn.latency, 0);
    const next = observe(conn.receive());
    network.last.message('{"trade":1}');
    await clock.settle();
    assertEquals(next.value, { trade: 1 });
  }
});

Deno.test("4.6 any inbound message is life: a server that never pongs but speaks is kept", async () => {
  await using virtual = createVirtualPool({
    websocket: { heartbeat: BARE_WORDS },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  for (let round = 0; round < 100; round++) {
    await clock.advance(2_900);
    network.last.message("1");
  }
  assertEquals(conn.isConnected, true);
  // One every interval, and never a second while one is open.
  assertEquals(pingCount(network.last), 29);
  await clock.advance(13_000);
  assertEquals(conn.isConnected, false);
});

Deno.test("4.6 one ping is outstanding at most, also right before the timeout", async () => {
  await using virtual = createVirtualPool({
    websocket: { heartbeat: { ...BARE_WORDS, timeout: 9_999 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  await clock.advance(19_998);
  assertEquals([pingCount(network.last), conn.isConnected], [1, true]);
  await clock.advance(1);
  assertEquals([pingCount(network.last), conn.isConnected], [1, false]);
});

Deno.test("4.6 the default timeout is half of the interval, 10 s at most", async () => {
  for (const [interval, timeout] of [[4_000, 2_000], [60_000, 10_000]]) {
    await using virtual = createVirtualPool({
      websocket: { heartbeat: { interval, raw: true, ping: "ping" } },
    });
    const { pool, clock } = virtual;
    const conn = await pool.acquire("/a");
    await clock.advance((interval ?? 0) + (timeout ?? 0) - 1);
    assertEquals(conn.isConnected, true);
    await clock.advance(1);
    assertEquals(conn.isConnected, false);
  }
});

Deno.test("4.6 3.2 latency: the last pong's on the lease, last and mean in its stats", async () => {
  await using virtual = createVirtualPool({
    websocket: { heartbeat: BARE_WORDS },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  assertEquals([conn.latency, conn.stats().latency], [undefined, undefined]);
  // An unasked pong has no latency.
  network.last.message("pong");
  assertEquals(conn.latency, undefined);
  for (const latency of [40, 60, 200]) {
    await clock.advance(
      (network.last.sent.length + 1) * 10_000 + 1_000 - clock.time,
    );
    await clock.advance(latency);
    answerPings(network.last);
    assertEquals(conn.latency, latency);
  }
  assertEquals(conn.stats().latency, { last: 200, mean: 100 });
  await conn.release();
  assertEquals(conn.latency, undefined);
});

Deno.test("4.6 reply through the codec", async () => {
  await using virtual = createVirtualPool<{ ping?: number }, object>({
    logger: silent,
    websocket: {
      heartbeat: {
        reply: ({ ping }: { ping?: number }) =>
          ping === undefined ? undefined : { pong: ping },
      },
    },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  const next = observe(conn.receive());
  network.last.message('{"ping":7}');
  network.last.message("{}");
  await clock.settle();
  assertEquals([network.last.sent, next.value], [['{"pong":7}'], {}]);
});

Deno.test("4.6 frame pings where the socket has them: pongs are life and latency, their absence loses the socket", async () => {
  await using virtual = createVirtualPool({
    websocket: { heartbeat: { interval: 10_000, timeout: 3_000 } },
  }, { runtime: "bun" });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  await clock.advance(100_000);
  assertEquals(network.last.pings.length, 10);
  assertEquals(network.last.sent, []);
  assertEquals([conn.isConnected, conn.latency], [true, 0]);
  network.last.answersPing = false;
  await clock.advance(13_000);
  assertEquals(conn.isConnected, false);
});

Deno.test("4.9 a ping, isPong or reply that throws is reported, and costs no message", async () => {
  for (const name of ["isPong", "reply"] as const) {
    const errors: string[] = [];
    await using virtual = createVirtualPool({
      logger: { ...silent, error: (message: string) => errors.push(message) },
      websocket: {
        heartbeat: {
          ...BARE_WORDS,
          [name]: () => {
            throw new Error("user's bug");
          },
        },
      },
    });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    const next = observe(conn.receive());
    network.last.message("1");
    await clock.settle();
    assertEquals(next.value, 1);
    assertEquals(errors.length, 1);
    assertStringIncludes(errors[0] ?? "", `heartbeat.${name}`);
  }
});

Deno.test("4.6 an error's cause is the loss at hand, not an earlier silence", async () => {
  await using virtual = createVirtualPool({
    websocket: { heartbeat: BARE_WORDS, reconnect: true },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  await clock.advance(13_500);
  assertEquals(conn.stats().reconnects, 1);
  const { signal } = conn;
  network.last.peerClose(1008);
  assertInstanceOf(signal.reason, ConnectionLostError);
  assertEquals([signal.reason.closeCode, signal.reason.cause], [
    1008,
    undefined,
  ]);
});

Deno.test("3.3 after a heartbeat loss and failed redials the cause is the last ConnectError", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      heartbeat: BARE_WORDS,
      reconnect: { maxAttempts: 2, jitter: 0 },
    },
  });
  const { pool, clock, network } = virtual;
  const { signal } = await pool.acquire("/a");
  network.behaviour = "refuse";
  await clock.advance(13_000 + 3_000);
  assertInstanceOf(signal.reason, ConnectionLostError);
  assertInstanceOf(signal.reason.cause, ConnectError);
  assertEquals(signal.reason.cause.attempts, 2);
});
