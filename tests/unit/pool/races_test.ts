import { assertEquals } from "@std/assert";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("4.9 F57 classify that releases the lease leaves no slot behind", async () => {
  let act = () => {};
  await using virtual = createVirtualPool({
    websocket: {
      reconnect: true,
      classify: () => {
        act();
        return "retry";
      },
    },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  act = () => void conn.release();
  network.last.reset();
  await clock.settle();
  assertEquals(pool.stats().closingConnections, 0);
});

Deno.test("4.8 F57 close inside classify resolves, whatever closeTimeout", async () => {
  let act = () => {};
  const virtual = createVirtualPool({
    websocket: {
      closeTimeout: Infinity,
      classify: () => {
        act();
        return "fatal";
      },
    },
  });
  const { pool, clock, network } = virtual;
  await pool.acquire("/a");
  act = () => void pool.close();
  network.last.reset();
  await clock.settle();
  const closing = observe(pool.close());
  await clock.settle();
  assertEquals(closing.state, "fulfilled");
});

Deno.test("4.8 F57 close or release between the decision to redial and the redial", async () => {
  for (const how of ["close", "release"] as const) {
    const virtual = createVirtualPool({
      maxConnecting: 1,
      maxLifetime: 1_000,
      websocket: {
        closeTimeout: Infinity,
        reconnect: true,
        classify: ({ phase }) => phase === "lost" ? "retry" : "fatal",
      },
    }, { random: () => 0 });
    const { pool, clock, network } = virtual;
    const a = await pool.acquire("/a");
    const b = await pool.acquire("/b");
    network.behaviour = "manual";
    // Both rotate at once: a dials, b waits for the only handshake.
    await clock.advance(1_000);
    assertEquals(network.dials.length, 3);
    const [dialled, waiting] = network.last.url.endsWith("/a")
      ? [a, b]
      : [b, a];
    dialled.signal.addEventListener("abort", () => {
      if (how === "close") void pool.close();
      else void waiting.release();
    });
    // A fatal failure: [lost, redial of the other] in one batch.
    network.last.fail();
    await clock.settle();
    assertEquals(pool.stats().closingConnections, 0, how);
    const closing = observe(pool.close());
    await clock.settle();
    assertEquals(closing.state, "fulfilled", how);
  }
});

Deno.test("4.4 a message between the end of reset and its outcome reaches no later lease", async () => {
  for (let hops = 0; hops < 40; hops++) {
    await using virtual = createVirtualPool({
      maxConnections: 1,
      reset: async (conn) => {
        await conn.receive();
      },
    });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    void conn.release();
    const next = pool.acquire("/a");
    await clock.settle();
    // Deno hands over the frames of one read a few microtasks apart.
    network.last.message('"ack"');
    for (let hop = 0; hop < hops; hop++) await undefined;
    if (pool.stats().totalAcquired > 1) break;
    network.last.message('"stale"');
    const lease = await next;
    const read = observe(lease.receive());
    await clock.settle();
    assertEquals(read.state, "pending", `hops ${hops}`);
    void lease.release();
  }
});

Deno.test("4.9 async isPong, reply and classify cause no unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  addEventListener("unhandledrejection", note);
  const rejects = () => Promise.reject(new Error("user code"));
  const options: Record<string, unknown>[] = [
    { classify: rejects },
    { heartbeat: { interval: 100, ping: "p", isPong: rejects } },
    { heartbeat: { interval: 100, reply: rejects } },
    { heartbeat: { interval: 100, reply: rejects, raw: true } },
    { heartbeat: { interval: 100, ping: rejects } },
  ];
  for (const websocket of options) {
    await using virtual = createVirtualPool({
      websocket,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    const { pool, clock, network } = virtual;
    await pool.acquire("/a");
    network.last.message("1");
    await clock.advance(100);
    network.last.reset();
    await clock.settle();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  removeEventListener("unhandledrejection", note);
  assertEquals(unhandled.length, 0);
});

Deno.test("4.6 an async reply swallows no message", async () => {
  await using virtual = createVirtualPool({
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    // deno-lint-ignore require-await -- what a user may write by mistake
    websocket: { heartbeat: { reply: async () => undefined } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  const read = observe(conn.receive());
  network.last.message("1");
  await clock.settle();
  assertEquals([read.state, network.last.sent], ["fulfilled", []]);
});

Deno.test("4.8 close kills a silent peer's old socket where the runtime can", async () => {
  const virtual = createVirtualPool({
    websocket: {
      reconnect: true,
      heartbeat: { interval: 1_000, timeout: 400 },
    },
  }, { runtime: "bun" });
  const { pool, clock, network } = virtual;
  await pool.acquire("/a");
  const old = network.last;
  old.answersPing = false;
  old.answersClose = false;
  await clock.advance(2_500);
  assertEquals(network.sockets.length, 2);
  const closing = observe(pool.close());
  await clock.settle();
  assertEquals(closing.value.abandoned, 0);
  assertEquals(old.ended, true);
});

Deno.test("I7 a release that is overtaken by another of the same lease touches no later lease", async () => {
  const virtual = createVirtualPool({
    maxConnections: 1,
    leakThreshold: 1_000,
    websocket: { reconnect: true },
  });
  const { pool, clock, network } = virtual;
  let released = 0;
  pool.addEventListener("release", () => released++);
  const first = await pool.acquire("/a");
  pool.addEventListener("leak", () => void first.release(), { once: true });
  let renewed = 0;
  const second = observe(
    pool.acquire("/a", { onReconnect: () => void renewed++ }),
  );
  await clock.settle();
  clock.jump(1_000);
  void first.release();
  await clock.settle();
  assertEquals([second.state, released], ["fulfilled", 1]);
  network.last.reset();
  await clock.advance(1_000);
  assertEquals([network.dials.length, renewed], [2, 1]);
  await pool.close();
});

Deno.test("4.10 headers that the runtime refuses show no value", async () => {
  await using virtual = createVirtualPool({
    websocket: { headers: () => ({ authorization: "s3cret\u0001\nx" }) },
  });
  const { pool, clock } = virtual;
  const refused = observe(pool.acquire("/a"));
  await clock.settle();
  assertEquals(Deno.inspect(refused.reason).includes("s3cret"), false);
});

Deno.test("F57 F58 a silent socket that closes before it is left behind takes no lease with it", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    websocket: {
      reconnect: true,
      heartbeat: { interval: 1_000, timeout: 400, ping: "p" },
    },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  // The second silence in a row backs off: the redial is queued, not dialling.
  let silences = 0;
  pool.addEventListener("reconnecting", () => {
    if (++silences === 2) network.last.reset();
  });
  await clock.advance(3_800);
  assertEquals([silences, network.dials.length], [2, 3]);
  assertEquals([pool.stats().activeConnections, conn.isConnected], [1, true]);
});

Deno.test("F31 a message on a socket that was left behind is counted, and raises a gap", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      reconnect: true,
      heartbeat: { interval: 1_000, timeout: 100, ping: "ping" },
    },
  });
  const { pool, clock, network } = virtual;
  await using conn = await pool.acquire("/a");
  const gaps: string[] = [];
  pool.addEventListener("gap", ({ reason }) => void gaps.push(reason));
  const silent = network.last;
  silent.answersClose = false;
  await clock.advance(1_100);
  assertEquals(conn.stats().reconnects, 1);
  silent.message('"too late"');
  assertEquals(gaps, ["late"]);
  assertEquals(pool.stats().totalMessagesDropped, 1);
  silent.peerClose(1000);
});
