import { assert, assertEquals } from "@std/assert";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** With `random: () => 0.5` a lifetime is 5 % less. */
const LIFETIME = 95_000;

Deno.test("4.5 a leased connection at maxLifetime is rotated in order: close, dial, onOpen, onReconnect", async () => {
  for (const runtime of RUNTIMES) {
    const log: unknown[] = [];
    await using virtual = createVirtualPool({
      maxConnections: 1,
      maxLifetime: 100_000,
      websocket: {
        reconnect: true,
        onOpen: (_, { reconnected }) => void log.push(["onOpen", reconnected]),
      },
    }, { runtime });
    const { pool, clock, network } = virtual;
    pool.addEventListener("reconnecting", ({ reason, connectionId }) => {
      log.push(["reconnecting", reason, connectionId]);
      // The old socket is open until the pool has said so.
      log.push(network.live);
    });
    pool.addEventListener("reconnect", ({ reason, connectionId, attempts }) => {
      log.push(["reconnect", reason, connectionId, attempts]);
    });
    network.behaviour = (socket) => {
      log.push("dial");
      const close = socket.close.bind(socket);
      socket.close = (code, why) => {
        log.push(["close", code]);
        close(code, why);
      };
      queueMicrotask(() => socket.open());
    };
    const conn = await pool.acquire("/a", {
      onReconnect: () => void log.push("onReconnect"),
    });
    network.last.message("1");
    await clock.advance(LIFETIME - 1);
    assertEquals(log, ["dial", ["onOpen", false]]);
    log.length = 0;
    await clock.advance(1);
    assertEquals(log, [
      ["reconnecting", "rotation", 1],
      1,
      ["close", 1000],
      "dial",
      ["onOpen", true],
      "onReconnect",
      ["reconnect", "rotation", 1, 1],
    ]);
    assertEquals([conn.isConnected, network.live], [true, 1]);
    network.last.message("2");
    assertEquals([await conn.receive(), await conn.receive()], [1, 2]);
    // It lives its own life, and then another.
    await clock.advance(2 * LIFETIME);
    assertEquals([conn.stats().reconnects, network.maxLive], [3, 1]);
    assertEquals(pool.stats().retired.lifetime, 0);
  }
});

Deno.test("4.5 during a rotation send waits, the pending reader stays, trySend says false", async () => {
  await using virtual = createVirtualPool({
    maxLifetime: 100_000,
    websocket: { reconnect: true },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  const reader = observe(conn.receive());
  network.last.answersClose = false;
  await clock.advance(LIFETIME);
  assertEquals([conn.isConnected, conn.trySend("x")], [false, false]);
  const sender = observe(conn.send("y"));
  await clock.settle();
  assertEquals(sender.state, "pending");
  network.last.peerClose(1000);
  await clock.settle();
  assertEquals([sender.state, reader.state], ["fulfilled", "pending"]);
  assertEquals(network.last.sent, ['"y"']);
});

Deno.test("4.5 F29 a close that is never answered: after closeTimeout the old socket lingers and the rotation goes on", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({
      maxConnections: 1,
      maxLifetime: 100_000,
      websocket: { reconnect: true, closeTimeout: 3_000 },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    network.last.answersClose = false;
    await clock.advance(LIFETIME + 2_999);
    assertEquals([conn.isConnected, network.dials.length], [false, 1]);
    await clock.advance(1);
    assertEquals([conn.isConnected, network.dials.length], [true, 2]);
    assertEquals(pool.stats().lingeringSockets, 1);
    network.sockets[0]?.reset();
    await clock.settle();
    assertEquals(pool.stats().lingeringSockets, 0);
    assertEquals(conn.isConnected, true);
  }
});

Deno.test("4.8 sockets at the server never exceed maxConnections + lingeringSockets through rotations nobody answers", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 3,
    maxLifetime: 10_000,
    websocket: { reconnect: true, closeTimeout: 1_000 },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = (socket) => {
    socket.answersClose = false;
    queueMicrotask(() => socket.open());
  };
  const conns = await Promise.all(
    ["/a", "/b", "/c"].map((path) => pool.acquire(path)),
  );
  let mostLingering = 0;
  for (let second = 0; second < 120; second++) {
    await clock.advance(1_000);
    const { lingeringSockets } = pool.stats();
    assert(network.live <= 3 + lingeringSockets);
    mostLingering = Math.max(mostLingering, lingeringSockets);
    // Now and then one of the forgotten ones ends after all.
    if (second % 20 === 19) {
      network.sockets.find(({ ended }) => !ended)?.reset();
    }
  }
  assertEquals(mostLingering, 3);
  assert(network.maxLive <= 6);
  // Every end of a forgotten socket let somebody go on.
  const rotations = conns.reduce(
    (sum, conn) => sum + conn.stats().reconnects,
    0,
  );
  assert(rotations > 3, `${rotations} rotations`);
  for (const socket of network.sockets) socket.reset();
});

Deno.test("4.5 without reconnect a leased connection outlives maxLifetime and is retired on release", async () => {
  await using virtual = createVirtualPool({ maxLifetime: 100_000 });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  await clock.advance(300_000);
  assertEquals([conn.isConnected, network.dials.length], [true, 1]);
  await conn.release();
  await clock.settle();
  assertEquals(pool.stats().retired.lifetime, 1);
});

Deno.test("4.5 release, discard and close in the middle of a rotation are immediate", async () => {
  for (const runtime of RUNTIMES) {
    for (const way of ["release", "discard", "close"] as const) {
      await using virtual = createVirtualPool({
        maxConnections: 1,
        maxLifetime: 100_000,
        websocket: { reconnect: true, closeTimeout: 3_000 },
      }, { runtime });
      const { pool, clock, network } = virtual;
      const conn = await pool.acquire("/a");
      network.last.answersClose = false;
      await clock.advance(LIFETIME);
      const sender = observe(conn.send("x"));
      if (way === "close") {
        pool.close();
        await clock.settle();
        assertEquals([sender.state, conn.isConnected], ["rejected", false]);
        continue;
      }
      const released = observe(conn[way]());
      await clock.settle();
      assertEquals([released.state, sender.state], ["fulfilled", "rejected"]);
      // The slot is held until the socket is gone or abandoned, then free.
      const next = observe(pool.acquire("/b"));
      await clock.advance(3_000);
      assertEquals([next.state, network.dials.length], ["fulfilled", 2]);
      for (const socket of network.sockets) socket.reset();
    }
  }
});

Deno.test("4.5 a dial that fails in a rotation backs off like every other; the lease goes on", async () => {
  await using virtual = createVirtualPool({
    maxLifetime: 100_000,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const reasons: string[] = [];
  pool.addEventListener("reconnect", ({ reason, attempts }) => {
    reasons.push(`${reason} ${attempts}`);
  });
  const conn = await pool.acquire("/a");
  network.behaviour = "refuse";
  await clock.advance(LIFETIME);
  const at = clock.time;
  await clock.advance(3_500);
  assertEquals(network.dials.slice(1).map((dial) => dial.at - at), [
    0,
    1_000,
    3_000,
  ]);
  network.behaviour = "open";
  await clock.advance(3_500);
  assertEquals(conn.isConnected, true);
  assertEquals(reasons, ["rotation 4"]);
});

Deno.test("4.5 a loss right before the end of life is one reconnect, not two", async () => {
  await using virtual = createVirtualPool({
    maxLifetime: 100_000,
    websocket: { reconnect: true },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  await clock.advance(LIFETIME - 100);
  network.last.reset();
  await clock.advance(LIFETIME - 1);
  assertEquals(conn.stats().reconnects, 1);
  await clock.advance(1_000);
  assertEquals(conn.stats().reconnects, 2);
});

Deno.test("regression of JetSocket (Python): no socket is left open after a rotation", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({
      maxLifetime: 100_000,
      websocket: { reconnect: true },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    await clock.advance(20 * LIFETIME);
    assertEquals(conn.stats().reconnects, 20);
    assertEquals([network.live, network.maxLive], [1, 1]);
    for (const socket of network.sockets.slice(0, -1)) {
      assertEquals([socket.ended, socket.listenerCount()], [true, 0]);
    }
  }
});
