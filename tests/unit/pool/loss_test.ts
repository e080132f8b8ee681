import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { ConnectError, ConnectionLostError } from "../../../mod.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

Deno.test("4.5 F17 F27 an idle connection that is lost is retired in the same task, the next acquire dials", async () => {
  const ends: ((socket: FakeSocket) => void)[] = [
    (socket) => socket.peerClose(1000),
    (socket) => socket.peerClose(1001),
    (socket) => socket.peerClose(1011, "oops"),
    (socket) => socket.reset(),
  ];
  for (const runtime of RUNTIMES) {
    for (const end of ends) {
      await using virtual = createVirtualPool({}, { runtime });
      const { pool, network } = virtual;
      const retired: string[] = [];
      pool.addEventListener("retire", ({ reason }) => {
        retired.push(reason);
      });
      pool.addEventListener("lost", () => void retired.push("lost event"));
      await (await pool.acquire("/a")).release();
      end(network.last);
      assertEquals(retired, ["lost"]);
      assertEquals(pool.stats().idleConnections, 0);
      assertEquals(pool.stats().retired.lost, 1);
      assertEquals((await pool.acquire("/a")).id, 2);
    }
  }
});

Deno.test("4.5 F24 F26 F27 F44 a lost lease reads what has arrived, then ConnectionLostError with 1006", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({}, { runtime });
    const { pool, network } = virtual;
    const lost: unknown[] = [];
    pool.addEventListener("lost", ({ reason, closeCode }) => {
      lost.push([reason, closeCode]);
    });
    const conn = await pool.acquire("/a");
    const { signal } = conn;
    network.last.message("1");
    network.last.message("2");
    network.last.reset();
    assertEquals(lost, [["broken", 1006]]);
    assertEquals(conn.isConnected, false);
    assertInstanceOf(signal.reason, ConnectionLostError);
    assertEquals(await conn.receive(), 1);
    const seen: unknown[] = [];
    const error = await assertRejects(async () => {
      for await (const message of conn) seen.push(message);
    }, ConnectionLostError);
    assertEquals(seen, [2]);
    assertEquals(
      [error.closeCode, error.closeReason, error.wasClean],
      [1006, "", false],
    );
    assertEquals(
      error.message,
      "Connection 1 to wss://h.example/a is lost: it broke off (code 1006). " +
        "Release the lease and acquire another, or set websocket.reconnect",
    );
    await assertRejects(() => conn.receive(), ConnectionLostError);
    await assertRejects(() => conn.forEach(() => {}), ConnectionLostError);
    await assertRejects(() => conn.send("x"), ConnectionLostError);
    assertThrows(() => conn.trySend("x"), ConnectionLostError);
    await conn.release();
    assertEquals(pool.stats().retired.lost, 1);
    assertEquals(pool.stats().retired.discarded, 0);
    assertEquals(pool.stats().totalReleased, 1);
  }
});

Deno.test("4.5 4.11 F23 a clean close ends iteration and forEach, and rejects receive", async () => {
  for (const code of [1000, 1001, 1005]) {
    for (const when of ["before", "during"] as const) {
      await using virtual = createVirtualPool();
      const { pool, network, clock } = virtual;
      const conns = [
        await pool.acquire("/a"),
        await pool.acquire("/b"),
        await pool.acquire("/c"),
      ];
      const end = () => {
        for (const socket of network.sockets) {
          socket.message("1");
          socket.peerClose(code, "bye");
        }
      };
      const seen: unknown[] = [];
      if (when === "before") end();
      const [loop, flow, read] = [
        observe((async () => {
          for await (const message of conns[0] ?? []) seen.push(message);
        })()),
        observe(
          conns[1]?.forEach((message) => void seen.push(message)) ??
            Promise.reject(),
        ),
        observe((async () => {
          seen.push(await conns[2]?.receive());
          await conns[2]?.receive();
        })()),
      ];
      if (when === "during") {
        await clock.settle();
        end();
      }
      await clock.settle();
      assertEquals(seen, [1, 1, 1]);
      assertEquals([loop.state, flow.state], ["fulfilled", "fulfilled"]);
      assertInstanceOf(read.reason, ConnectionLostError);
      const { closeCode, closeReason, wasClean } = read.reason;
      assertEquals([closeCode, closeReason, wasClean], [code, "bye", true]);
    }
  }
});

Deno.test("4.5 F18 F20 F22 other close codes end a stream with ConnectionLostError", async () => {
  for (const code of [1002, 1008, 1011, 1012, 3000, 4999]) {
    await using virtual = createVirtualPool();
    const { pool, network } = virtual;
    const conn = await pool.acquire("/a");
    network.last.peerClose(code, "why");
    const error = await assertRejects(async () => {
      for await (const _ of conn);
    }, ConnectionLostError);
    assertEquals(
      [error.closeCode, error.closeReason, error.wasClean],
      [code, "why", true],
    );
    await conn.release();
    assertEquals(pool.stats().idleConnections, 0);
  }
});

Deno.test("4.11 a normal code alone does not make an end clean", async () => {
  await using virtual = createVirtualPool();
  const conn = await virtual.pool.acquire("/a");
  virtual.network.last.peerClose(1000, "", false);
  const error = await assertRejects(async () => {
    for await (const _ of conn);
  }, ConnectionLostError);
  assertEquals([error.closeCode, error.wasClean], [1000, false]);
});

Deno.test("4.5 F44 a pending receive, send, loop and flow of a lost lease reject once", async () => {
  await using virtual = createVirtualPool({
    websocket: { sendHighWaterMark: 0 },
  });
  const { pool, network, clock } = virtual;
  const conn = await pool.acquire("/a");
  network.last.buffered = 1;
  const read = observe(conn.receive());
  const sending = observe(conn.send("x"));
  await clock.settle();
  network.last.reset();
  await clock.settle();
  assertInstanceOf(read.reason, ConnectionLostError);
  assertInstanceOf(sending.reason, ConnectionLostError);
});

Deno.test("4.5 F30 close twice, and error and close in any order, count once", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({}, { runtime });
    const { pool, network, clock } = virtual;
    const conn = await pool.acquire("/a");
    const socket = network.last;
    socket.closesTwice = true;
    socket.reset();
    socket.dispatchEvent(new Event("error"));
    await clock.settle();
    assertEquals(pool.stats().retired.lost, 1);
    assertEquals(socket.listenerCount(), 0);
    await conn.release();
  }
});

Deno.test("4.2 F45 hand-out re-checks the socket: one that is closing is passed over", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({}, { runtime });
    const { pool, network } = virtual;
    const conns = [await pool.acquire("/a"), await pool.acquire("/a")];
    for (const conn of conns) await conn.release();
    const newest = network.last;
    newest.answersClose = false;
    // Its owner closes it, and no event has come yet.
    newest.close();
    assertEquals((await pool.acquire("/a")).id, 1);
    assertEquals(pool.stats().retired.discarded, 1);
    assertEquals(pool.tryAcquire("/a"), undefined);
  }
});

Deno.test("4.2 F45 a connection that closes between its opening and its grant is a failed dial", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  network.behaviour = (socket) => {
    queueMicrotask(() => {
      socket.open();
      socket.peerClose(1011);
    });
  };
  const error = await assertRejects(() => pool.acquire("/a"), Error);
  assertEquals(error.name, "ConnectError");
  assertEquals(pool.stats().totalConnections, 0);
});

Deno.test("4.2 F45 a connection that is closed by what is due before its grant is a failed dial", async () => {
  await using virtual = createVirtualPool({ maxIdleTime: 100 });
  const { pool, network, clock } = virtual;
  await (await pool.acquire("/a")).release();
  network.behave("/b", "manual");
  const acquired = observe(pool.acquire("/b"));
  await clock.settle();
  const [socket] = network.socketsTo("/b");
  const retired: string[] = [];
  pool.addEventListener("retire", ({ reason }) => {
    retired.push(reason);
    socket?.peerClose(4401, "go away");
  });
  // The timer is late: the outcome of the dial comes first, and finds it due.
  clock.jump(900);
  socket?.open();
  await clock.settle();
  assertEquals(retired, ["idle"]);
  assertInstanceOf(acquired.reason, ConnectError);
  const { phase, closeCode } = acquired.reason;
  assertEquals([phase, closeCode], ["dial", 4401]);
  // Only the other one was ever opened.
  assertEquals(pool.stats().totalConnections, 1);
});

Deno.test("4.5 F45 a new socket of a lease that is closed by what is due before its use is a failed redial", async () => {
  await using virtual = createVirtualPool({
    maxIdleTime: 100,
    websocket: { reconnect: { minDelay: 10, maxDelay: 10 } },
  });
  const { pool, network, clock } = virtual;
  const conn = await pool.acquire("/b");
  network.behave("/b", "manual");
  network.socketsTo("/b")[0]?.reset();
  await clock.advance(50);
  await (await pool.acquire("/a")).release();
  const socket = network.socketsTo("/b")[1];
  const told: string[] = [];
  pool.addEventListener("retire", () => socket?.peerClose(4401, "go away"));
  pool.addEventListener("reconnect", () => void told.push("reconnect"));
  pool.addEventListener("connectfailed", ({ error }) => {
    assertInstanceOf(error, ConnectError);
    told.push(`failed ${error.phase} ${error.closeCode}`);
  });
  // The timer is late: the outcome of the dial comes first, and finds it due.
  clock.jump(900);
  socket?.open();
  await clock.settle();
  assertEquals(told, ["failed dial 4401"]);
  assertEquals(conn.isConnected, false);
});

Deno.test("4.5 F17 waiters are served by a new dial when a leased connection is lost", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, network, clock } = virtual;
  const conn = await pool.acquire("/a");
  const waiter = observe(pool.acquire("/a"));
  await clock.settle();
  network.last.reset();
  await clock.settle();
  assertEquals(waiter.value.id, 2);
  await conn.release();
  assertEquals(waiter.value.isConnected, true);
});

Deno.test("4.4 F44 F57 release from the abort handler of a lost lease is harmless", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const conn = await pool.acquire("/a");
  conn.signal.addEventListener("abort", () => void conn.release());
  network.last.reset();
  await conn.release();
  const { totalReleased, activeConnections, retired } = pool.stats();
  assertEquals([totalReleased, activeConnections, retired.lost], [1, 0, 1]);
});

Deno.test("4.5 a socket that has told of its close is of no use, whatever its readyState says", async () => {
  for (const reconnect of [false, true]) {
    await using virtual = createVirtualPool({ websocket: { reconnect } });
    const { pool, network } = virtual;
    const conn = await pool.acquire("/a");
    const socket = network.last;
    Object.defineProperty(socket, "readyState", { value: 1 });
    assertEquals(conn.isConnected, true);
    socket.reset();
    assertEquals(conn.isConnected, false);
    let sends = 0;
    socket.send = () => void sends++;
    const sent = conn.send("late").catch(() => {});
    assertEquals(sends, 0);
    void conn.discard();
    await sent;
  }
});
