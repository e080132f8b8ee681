import { assert, assertEquals } from "@std/assert";
import { answerPings, BARE_WORDS } from "../../support/bare_words.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

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
