import { assertEquals, assertInstanceOf } from "@std/assert";
import type { FakeSocket } from "../../support/fake_socket.ts";
import { readAll } from "../../support/read_all.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** With `random: () => 0.5` the first redial starts half of `minDelay` after a loss. */
const FIRST_DELAY = 500;

Deno.test("4.5 a lost lease goes on: buffered messages, then the new socket's, hooks in order, one lease", async () => {
  for (const runtime of RUNTIMES) {
    const log: unknown[] = [];
    await using virtual = createVirtualPool({
      maxConnections: 1,
      websocket: {
        reconnect: true,
        onOpen: (conn, context) => {
          log.push(["onOpen", conn.id, { ...context }]);
        },
      },
    }, { runtime });
    const { pool, clock, network } = virtual;
    for (const type of ["reconnecting", "reconnect", "lost"] as const) {
      pool.addEventListener(type, (event) => {
        log.push([type, event.connectionId, event.reason]);
      });
    }
    const conn = await pool.acquire("/a", {
      onReconnect: (hook) => void log.push(["onReconnect", hook.id]),
    });
    const { signal } = conn;
    network.last.message("1");
    network.last.message("2");
    network.last.reset();
    assertEquals(conn.isConnected, false);
    assertEquals(conn.trySend("x"), false);
    assertEquals(pool.stats().activeConnections, 1);
    await clock.advance(FIRST_DELAY - 1);
    assertEquals(network.dials.length, 1);
    await clock.advance(1);
    assertEquals(network.dials.length, 2);
    assertEquals(conn.isConnected, true);
    network.last.message("3");
    const { messages, end } = readAll(conn);
    await clock.settle();
    assertEquals([messages, end.state], [[1, 2, 3], "pending"]);
    assertEquals(signal.aborted, false);
    assertEquals(log, [
      ["onOpen", 1, { reconnected: false, attempt: 1 }],
      ["reconnecting", 1, "lost"],
      ["onOpen", 1, { reconnected: true, attempt: 1 }],
      ["onReconnect", 1],
      ["reconnect", 1, "lost"],
    ]);
    assertEquals(conn.stats().reconnects, 1);
    const stats = pool.stats();
    assertEquals(
      [stats.totalReconnects, stats.totalConnections, stats.totalAcquired],
      [1, 1, 1],
    );
    await conn.release();
    await clock.settle();
    assertEquals(end.state, "fulfilled");
    assertEquals(pool.stats().idleConnections, 1);
  }
});

Deno.test("4.5 onReconnect is that of the present lease: of a reused connection, of one handed over, and of nobody before", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    websocket: { reconnect: true },
  });
  const { pool, clock, network } = virtual;
  const log: string[] = [];
  const acquire = (name: string) =>
    pool.acquire("/a", { onReconnect: () => void log.push(name) });
  const lose = async () => {
    network.last.reset();
    await clock.advance(60_000);
    return log.splice(0);
  };
  const first = await acquire("first");
  assertEquals(await lose(), ["first"]);
  await first.release();
  // None of its own: it begins and ends as quickly as a lease can.
  const plain = await pool.acquire("/a");
  assertEquals(await lose(), []);
  await plain.release();
  const reused = await acquire("reused");
  assertEquals(await lose(), ["reused"]);
  const waiting = acquire("waiting");
  await reused.release();
  const handedOver = await waiting;
  assertEquals(await lose(), ["waiting"]);
  const last = pool.acquire("/a");
  await handedOver.release();
  await (await last).release();
  await pool.acquire("/a");
  assertEquals(await lose(), []);
  assertEquals(pool.stats().totalConnections, 1);
});

Deno.test("4.5 every end but a fatal one is carried over, a clean close by the peer too", async () => {
  const ends: ((socket: FakeSocket) => void)[] = [
    (socket) => socket.reset(),
    ...[1000, 1001, 1005, 1011, 1012, 1013, 3000, 4000, 4999].map((code) =>
    (
      socket: FakeSocket,
    ) => socket.peerClose(code)),
  ];
  for (const end of ends) {
    await using virtual = createVirtualPool({ websocket: { reconnect: true } });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    end(network.last);
    await clock.advance(FIRST_DELAY);
    assertEquals([conn.isConnected, network.dials.length], [true, 2]);
  }
});

Deno.test("4.5 3.2 hooks of a redial do not mix with the lease's pending reader and senders", async () => {
  for (const runtime of RUNTIMES) {
    const heard: unknown[] = [];
    await using virtual = createVirtualPool({
      websocket: {
        reconnect: true,
        onOpen: async (conn, { reconnected }) => {
          if (!reconnected) return;
          await conn.send("login");
          heard.push(await conn.receive());
        },
      },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a", {
      onReconnect: async (hook) => {
        await hook.send("subscribe");
        heard.push(await hook.receive());
      },
    });
    const reader = observe(conn.receive());
    network.last.reset();
    const senders = [observe(conn.send("first")), observe(conn.send("second"))];
    await clock.advance(FIRST_DELAY);
    const socket = network.last;
    assertEquals(socket.sent, ['"login"']);
    assertEquals(conn.trySend("too early"), false);
    socket.message('"welcome"');
    await clock.settle();
    assertEquals(socket.sent, ['"login"', '"subscribe"']);
    assertEquals(senders.map(({ state }) => state), ["pending", "pending"]);
    socket.message('"subscribed"');
    socket.message('"a trade"');
    await clock.settle();
    assertEquals(heard, ["welcome", "subscribed"]);
    // What the hooks did not read is the lease's.
    assertEquals(reader.value, "a trade");
    assertEquals(socket.sent, [
      '"login"',
      '"subscribe"',
      '"first"',
      '"second"',
    ]);
    assertEquals(senders.map(({ state }) => state), ["fulfilled", "fulfilled"]);
  }
});

Deno.test("3.2 4.11 during a reconnect send waits within its timeout and signal; what timed out is never sent", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  network.last.reset();
  const abort = new AbortController();
  const timed = observe(conn.send("timed", { timeout: 100 }));
  const signalled = observe(conn.send("signalled", { signal: abort.signal }));
  const patient = observe(conn.send("patient"));
  await clock.advance(99);
  assertEquals(timed.state, "pending");
  await clock.advance(1);
  assertInstanceOf(timed.reason, DOMException);
  assertEquals(timed.reason.name, "TimeoutError");
  const reason = new Error("no longer");
  abort.abort(reason);
  await clock.settle();
  assertEquals(signalled.reason, reason);
  assertEquals(patient.state, "pending");
  await clock.advance(900);
  assertEquals(patient.state, "fulfilled");
  assertEquals(network.last.sent, ['"patient"']);
});

Deno.test("4.5 I6 a redialled socket that closes at any turn after its opening is noticed", async () => {
  for (let turns = 0; turns < 40; turns++) {
    await using virtual = createVirtualPool({ websocket: { reconnect: true } });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    network.behaviour = async (socket) => {
      network.behaviour = "open";
      await undefined;
      socket.open();
      for (let turn = 0; turn < turns; turn++) await undefined;
      socket.reset();
    };
    network.last.reset();
    await clock.advance(10_000);
    assertEquals(conn.isConnected, true, `closed after ${turns} turns`);
    network.last.message("1");
    assertEquals(await conn.receive(), 1);
    assertEquals(pool.stats().activeConnections, 1);
  }
});

Deno.test("4.3 4.5 redials and waiters of other keys go in the order of their arrival, once the backoff is over", async () => {
  await using virtual = createVirtualPool({
    maxConnecting: 1,
    acquireTimeout: 60_000,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/lost");
  network.behaviour = (socket) => {
    clock.setTimer(() => socket.open(), 600);
  };
  const waiters = [observe(pool.acquire("/1"))];
  await clock.settle();
  network.socketsTo("/lost")[0]?.reset();
  waiters.push(observe(pool.acquire("/2")), observe(pool.acquire("/3")));
  await clock.advance(2_400);
  // "/2" may go while "/lost" backs off, until 1000; "/3" may not.
  assertEquals(network.dials.map(({ url }) => new URL(url).pathname), [
    "/lost",
    "/1",
    "/2",
    "/lost",
    "/3",
  ]);
  assertEquals(conn.isConnected, true);
  assertEquals(
    waiters.map(({ state }) => state),
    new Array(3).fill(
      "fulfilled",
    ),
  );
});

Deno.test("4.5 a full pool whose other keys have waiters still redials: a lease has its slot", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 2,
    acquireTimeout: Infinity,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conns = [await pool.acquire("/a"), await pool.acquire("/b")];
  const waiters = ["/c", "/d", "/a"].map((path) => observe(pool.acquire(path)));
  await clock.settle();
  for (const socket of [...network.sockets]) socket.reset();
  await clock.advance(1_000);
  assertEquals(conns.map(({ isConnected }) => isConnected), [true, true]);
  await conns[0]?.release();
  await clock.settle();
  assertEquals(waiters.filter(({ state }) => state === "fulfilled").length, 1);
});
