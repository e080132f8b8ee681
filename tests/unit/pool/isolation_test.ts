import { assertEquals } from "@std/assert";
import type { GapEvent } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** The gap events of a pool, each as its reason and count. */
function collectGaps(
  pool: {
    addEventListener(type: "gap", listener: (event: GapEvent) => void): void;
  },
): [string, number][] {
  const gaps: [string, number][] = [];
  pool.addEventListener("gap", ({ reason, dropped }) => {
    gaps.push([reason, dropped]);
  });
  return gaps;
}

Deno.test("4.4 the first lease of a fresh connection gets the greeting and what onOpen left, in order", async () => {
  for (const runtime of RUNTIMES) {
    const read: unknown[] = [];
    await using virtual = createVirtualPool({
      websocket: {
        onOpen: async (conn) => void read.push(await conn.receive()),
      },
    }, { runtime });
    const { pool, network } = virtual;
    network.behaviour = (socket) => {
      queueMicrotask(() => {
        socket.open();
        for (const message of ["1", "2", "3"]) socket.message(message);
      });
    };
    const conn = await pool.acquire("/a");
    assertEquals(read, [1]);
    assertEquals([await conn.receive(), await conn.receive()], [2, 3]);
    assertEquals(pool.stats().totalMessagesDropped, 0);
  }
});

Deno.test("4.4 F42 what is unread at the release is dropped, counted, and told as a gap", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const gaps = collectGaps(pool);
  const conn = await pool.acquire("/a");
  for (const message of ["1", "2", "3"]) network.last.message(message);
  assertEquals(await conn.receive(), 1);
  await conn.release();
  assertEquals(gaps, [["unread", 2]]);
  assertEquals(pool.stats().totalMessagesDropped, 2);
  const next = await pool.acquire("/a");
  assertEquals(next.id, conn.id);
  const read = observe(next.receive());
  network.last.message("4");
  await virtual.clock.settle();
  assertEquals(read.value, 4);
});

Deno.test("4.4 F31 messages that come after close are counted and reach nobody", async () => {
  await using virtual = createVirtualPool({}, { runtime: "deno" });
  const { pool, network } = virtual;
  const gaps = collectGaps(pool);
  const conn = await pool.acquire("/a");
  network.last.answersClose = false;
  await conn.discard();
  assertEquals(network.last.message("1"), true);
  assertEquals(network.last.message("2"), true);
  assertEquals(gaps, [["late", 1], ["late", 1]]);
  assertEquals(pool.stats().totalMessagesReceived, 2);
  assertEquals(pool.stats().totalMessagesDropped, 2);
  network.last.peerClose(1000);
});

Deno.test('4.4 F43 F61 idleMessages "discard" drops and counts, and keeps the connection', async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const gaps = collectGaps(pool);
  const conn = await pool.acquire("/a");
  await conn.release();
  for (let number = 0; number < 1_000; number++) network.last.message("1");
  assertEquals(gaps.length, 1_000);
  assertEquals(pool.stats().totalMessagesDropped, 1_000);
  const next = await pool.acquire("/a");
  assertEquals(next.id, conn.id);
  assertEquals(next.stats().messagesDropped, 1_000);
});

Deno.test('4.4 F43 F61 idleMessages "retire" closes the connection, and counts', async () => {
  await using virtual = createVirtualPool({ idleMessages: "retire" });
  const { pool, network } = virtual;
  const gaps = collectGaps(pool);
  await (await pool.acquire("/a")).release();
  network.last.message("1");
  assertEquals(gaps, [["idle", 1]]);
  assertEquals(network.last.closeCalls.length, 1);
  assertEquals(pool.stats().retired.discarded, 1);
});

Deno.test("4.4 F61 a greeting on a connection that went idle first is for idleMessages to decide", async () => {
  for (const idleMessages of ["discard", "retire"] as const) {
    await using virtual = createVirtualPool({ idleMessages });
    const { pool, network, clock } = virtual;
    const events: string[] = [];
    for (const type of ["connect", "retire", "gap"] as const) {
      pool.addEventListener(type, () => void events.push(type));
    }
    network.behaviour = (socket) => {
      queueMicrotask(() => {
        socket.open();
        socket.message("1");
      });
    };
    const warm = observe(pool.warm("/a"));
    await clock.settle();
    assertEquals(pool.stats().totalMessagesDropped >= 1, true);
    if (idleMessages === "discard") {
      assertEquals(warm.value, 1);
      assertEquals(events, ["connect", "gap"]);
    } else {
      assertEquals(events.slice(0, 3), ["connect", "gap", "retire"]);
    }
    await pool.close();
  }
});

Deno.test("4.4 F42 F43 reset runs at the release, and may wait for an answer; the next lease waits for it", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const sent: unknown[] = [];
  await using virtual = createVirtualPool({
    maxConnections: 1,
    reset: async (conn) => {
      await conn.send("unsubscribe");
      await promise;
      sent.push(await conn.receive());
    },
  });
  const { pool, network, clock } = virtual;
  const conn = await pool.acquire("/a");
  network.last.message('"unread"');
  const released = observe(conn.release());
  const next = observe(pool.acquire("/a"));
  await clock.settle();
  assertEquals([released.state, next.state], ["pending", "pending"]);
  assertEquals(pool.stats().activeConnections, 1);
  network.last.message('"answer"');
  network.last.message('"more"');
  resolve();
  await clock.settle();
  assertEquals(sent, ["answer"]);
  assertEquals([released.state, next.state], ["fulfilled", "fulfilled"]);
  assertEquals(next.value.id, 1);
  assertEquals(network.last.sent, ['"unsubscribe"']);
  // One at the release, one that the reset left.
  assertEquals(pool.stats().totalMessagesDropped, 2);
  const read = observe(next.value.receive());
  await clock.settle();
  assertEquals(read.state, "pending");
});

Deno.test("4.4 F54 a waiter gets a new connection when the reset fails or takes too long", async () => {
  for (const kind of ["throws", "rejects", "hangs"] as const) {
    await using virtual = createVirtualPool({
      maxConnections: 1,
      resetTimeout: 2_000,
      reset: () => {
        if (kind === "throws") throw new Error("broken");
        return kind === "rejects"
          ? Promise.reject(new Error("broken"))
          : new Promise<void>(() => {});
      },
    });
    const { pool, clock } = virtual;
    const conn = await pool.acquire("/a");
    const released = observe(conn.release());
    const next = observe(pool.acquire("/a"));
    await clock.advance(kind === "hangs" ? 1_999 : 0);
    assertEquals(next.state, kind === "hangs" ? "pending" : "fulfilled");
    await clock.advance(1);
    assertEquals(released.state, "fulfilled");
    assertEquals([next.value.id, next.value.reused], [2, false]);
    assertEquals(pool.stats().retired.discarded, 1);
  }
});

Deno.test("4.4 send and release at once still reuses, and a few unsent bytes do not disqualify", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const conn = await pool.acquire("/a");
  const sending = conn.send("bye");
  network.last.buffered = 500;
  const releasing = conn.release();
  await Promise.all([sending, releasing]);
  assertEquals(network.last.sent, ['"bye"']);
  assertEquals((await pool.acquire("/a")).id, conn.id);
});

Deno.test("4.4 a release above sendHighWaterMark discards, at the mark it does not", async () => {
  for (const buffered of [1_000, 1_001]) {
    await using virtual = createVirtualPool({
      websocket: { sendHighWaterMark: 1_000 },
    });
    const { pool, network } = virtual;
    const conn = await pool.acquire("/a");
    network.last.buffered = buffered;
    await conn.release();
    assertEquals(pool.stats().retired.discarded, buffered - 1_000);
  }
});

Deno.test("4.4 F58 a release of a socket that somebody else is closing discards", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const conn = await pool.acquire("/a");
  network.last.answersClose = false;
  network.last.close();
  await conn.release();
  assertEquals(pool.stats().idleConnections, 0);
  assertEquals(pool.stats().retired.discarded, 1);
});
