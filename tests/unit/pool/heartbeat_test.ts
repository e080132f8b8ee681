import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import {
  ConnectError,
  ConnectionLostError,
  type ConnectionPoolConfig,
  HeartbeatTimeoutError,
  type HookContext,
} from "../../../mod.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** A server that answers the bare word `ping` with the bare word `pong`. */
function answerPings(socket: FakeSocket): number {
  const pings = socket.sent.filter((data) => data === "ping").length;
  const open = pings - (answered.get(socket) ?? 0);
  answered.set(socket, pings);
  for (let ping = 0; ping < open; ping++) socket.message("pong");
  return open;
}

const answered = new WeakMap<FakeSocket, number>();

/** The bare words of OKX and others, under the `json` codec. */
const BARE_WORDS = {
  interval: 10_000,
  timeout: 3_000,
  raw: true,
  ping: "ping",
  isPong: (data: string | ArrayBuffer) => data === "pong",
} as const;

function pingCount(socket: FakeSocket): number {
  return socket.sent.filter((data) => data === "ping").length;
}

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
      assertEquals(conn.isConnected, false);
      if (reconnect) {
        assertEquals(reasons, ["heartbeat"]);
        // Within one backoff, not after the close handshake.
        await clock.advance(500);
        assertEquals([conn.isConnected, reader.state], [true, "pending"]);
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

Deno.test("4.6 reply through the codec", async () => {
  await using virtual = createVirtualPool<{ ping?: number }, object>({
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

const silent = { debug() {}, info() {}, warn() {}, error() {} };

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

Deno.test("4.8 4.11 silent peers linger at most maxConnections deep: then a reconnect waits; release, discard and close end it at once", async () => {
  for (const way of ["release", "discard", "close", "clear"] as const) {
    for (const runtime of RUNTIMES) {
      await using virtual = createVirtualPool({
        maxConnections: 1,
        websocket: {
          heartbeat: BARE_WORDS,
          reconnect: { jitter: 0, maxDelay: 1_000 },
          closeTimeout: 2_000,
        },
      }, { runtime });
      const { pool, clock, network } = virtual;
      network.behaviour = (socket) => {
        socket.answersClose = false;
        queueMicrotask(() => socket.open());
      };
      const conn = await pool.acquire("/a");
      await clock.advance(13_000 + 1_000);
      assertEquals(conn.isConnected, true);
      if (runtime === "bun") {
        // What can be killed does not linger beyond closeTimeout.
        assertEquals(pool.stats().lingeringSockets, 1);
        await clock.advance(2_000);
        assertEquals(pool.stats().lingeringSockets, 0);
        await conn.release();
        continue;
      }
      await clock.advance(13_000 + 60_000);
      assertEquals([conn.isConnected, network.dials.length], [false, 2]);
      assertEquals(pool.stats().lingeringSockets, 1);
      assertEquals(network.live, 2);
      const waiter = observe(conn.send("x"));
      if (way === "clear") {
        pool.clear();
        await clock.advance(10_000);
        assertEquals(network.dials.length, 2);
        // The end of the first lets the second linger in its place.
        network.sockets[0]?.reset();
        await clock.advance(1_000);
        assertEquals([conn.isConnected, waiter.state], [true, "fulfilled"]);
        assertEquals(pool.stats().lingeringSockets, 1);
      } else if (way === "close") {
        const closed = observe(pool.close());
        await clock.settle();
        assertEquals(waiter.state, "rejected");
        await clock.advance(2_000);
        // Nothing waits for room to linger any more: close always resolves.
        assertEquals(closed.value, { drained: 0, forced: 1, abandoned: 2 });
      } else {
        const released = observe(conn[way]());
        await clock.settle();
        assertEquals([released.state, waiter.state], ["fulfilled", "rejected"]);
        network.sockets[1]?.reset();
        assertEquals(pool.stats().closingConnections, 0);
      }
      for (const socket of network.sockets) socket.reset();
    }
  }
});

Deno.test("4.5 a socket that closes within its own close() does not count as lingering for ever", async () => {
  await using virtual = createVirtualPool({
    websocket: { heartbeat: BARE_WORDS, reconnect: true },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = (socket) => {
    const close = socket.close.bind(socket);
    socket.close = (code, reason) => {
      close(code, reason);
      socket.peerClose(code);
    };
    queueMicrotask(() => socket.open());
  };
  const conn = await pool.acquire("/a");
  await clock.advance(14_000);
  assertEquals(conn.isConnected, true);
  assertEquals(pool.stats().lingeringSockets, 0);
});

Deno.test("regression of JetSocket (Python): a healthy connection is not killed by its heartbeat", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({
      websocket: { heartbeat: { ...BARE_WORDS, timeout: 9_000 } },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    // Answers in time, though always late, for a day.
    for (let round = 0; round < 8_640; round++) {
      await clock.advance(8_999);
      answerPings(network.last);
      await clock.advance(1_001);
    }
    assertEquals([conn.isConnected, network.dials.length], [true, 1]);
    if (runtime === "deno") continue;
    break;
  }
});

Deno.test("regression of JetSocket (Python): no socket is left open after a heartbeat timeout", async () => {
  await using virtual = createVirtualPool({
    websocket: { heartbeat: BARE_WORDS, reconnect: true },
  });
  const { pool, clock, network } = virtual;
  await pool.acquire("/a");
  for (let round = 0; round < 20; round++) {
    await clock.advance(13_000);
    await clock.advance(60_000);
  }
  assert(network.sockets.length > 20);
  assert(network.live <= 1);
  assertEquals(pool.stats().lingeringSockets, 0);
  for (const socket of network.sockets.slice(0, -1)) {
    assertEquals(socket.ended, true);
    assertEquals(socket.listenerCount(), 0);
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
