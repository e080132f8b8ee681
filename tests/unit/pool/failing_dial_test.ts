import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ConnectError, ConnectionLostError } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

Deno.test("4.2 F37 a failed dial answers the oldest waiter while another dial is in flight, else all", async () => {
  await using virtual = createVirtualPool({ maxConnecting: 2 });
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const waiters = [1, 2, 3].map(() => observe(pool.acquire("/a")));
  await clock.settle();
  assertEquals(network.sockets.length, 2);
  network.sockets[0]?.fail();
  await clock.settle();
  assertEquals(waiters.map(({ state }) => state), [
    "rejected",
    "pending",
    "pending",
  ]);
  network.sockets[1]?.fail();
  await clock.settle();
  for (const [index, { reason }] of waiters.entries()) {
    assertInstanceOf(reason, ConnectError);
    assertEquals(reason.attempts, index === 0 ? 1 : 2);
    assertEquals(reason.timedOut, false);
    assertEquals(reason.closeCode, 1006);
  }
});

Deno.test("4.2 F2 the text of a refused connection says what, why and what to change", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({}, { runtime });
    virtual.network.behaviour = "refuse";
    await assertRejects(
      () => virtual.pool.acquire("/a?token=1"),
      ConnectError,
      "Cannot connect to wss://h.example/a?token=…: the connection was " +
        "closed with code 1006 before it was open (1 attempt). Check the " +
        "address, the server and the credentials",
    );
  }
});

Deno.test("4.2 F37 a dial that fails while another serves the key leaves that one's waiter alone", async () => {
  await using virtual = createVirtualPool({ maxConnecting: 2 });
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const waiters = [1, 2].map(() => observe(pool.acquire("/a")));
  await clock.settle();
  network.sockets[0]?.fail();
  network.sockets[1]?.open();
  await clock.settle();
  assertEquals(waiters.map(({ state }) => state), ["rejected", "fulfilled"]);
});

Deno.test("4.2 F2 the backoff of a failing key grows, with jitter, and is no hot loop", async () => {
  await using virtual = createVirtualPool({ acquireTimeout: 1_000_000 });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  for (let call = 0; call < 8; call++) {
    const acquired = observe(pool.acquire("/a"));
    while (acquired.state === "pending") await clock.advance(500);
  }
  const gaps = network.dials.map(({ at }, index) =>
    at - (network.dials[index - 1]?.at ?? at)
  );
  // Half of 1, 2, 4 … 60 s, as the random number is 0.5.
  assertEquals(gaps.slice(1), [
    500,
    1_000,
    2_000,
    4_000,
    8_000,
    16_000,
    30_000,
  ]);
});

Deno.test("4.2 the jitter of the backoff is full", async () => {
  for (const [random, gap] of [[0, 1_000], [0.99, 10]] as const) {
    await using virtual = createVirtualPool({}, { random: () => random });
    const { pool, clock, network } = virtual;
    network.behaviour = "refuse";
    await assertRejects(() => pool.acquire("/a"), ConnectError);
    const second = observe(pool.acquire("/a"));
    await clock.advance(gap - 1);
    assertEquals(second.state, "pending");
    await clock.advance(2);
    assertEquals(second.state, "rejected");
  }
});

Deno.test("4.2 a failing key has one trial at a time, and a success ends that", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 8,
    maxConnecting: 8,
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  await assertRejects(() => pool.acquire("/a"), ConnectError);
  network.behaviour = "manual";
  const waiters = [1, 2, 3, 4].map(() => observe(pool.acquire("/a")));
  await clock.advance(500);
  assertEquals(network.connecting, 1);
  await clock.advance(1_000);
  assertEquals(network.connecting, 1);
  network.last.open();
  await clock.settle();
  assertEquals(waiters[0]?.state, "fulfilled");
  assertEquals(network.connecting, 3);
});

Deno.test("4.11 a backoff lasts at most half of what is left of an acquire", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  await assertRejects(() => pool.acquire("/a"), ConnectError);
  network.behaviour = "open";
  const second = observe(pool.acquire("/a", { timeout: 400 }));
  await clock.advance(199);
  assertEquals(network.dials.length, 1);
  await clock.advance(1);
  assertEquals(network.dials.length, 2);
  assertEquals(second.state, "fulfilled");
});

Deno.test("4.11 F18 F19 after a fatal failure only minDelay applies", async () => {
  for (const code of [1002, 1003, 1007, 1008, 1009, 1010, 4401, 4403]) {
    await using virtual = createVirtualPool({
      websocket: { onOpen: async (conn) => void await conn.receive() },
    });
    const { pool, clock, network } = virtual;
    network.behaviour = (socket) => {
      queueMicrotask(() => {
        socket.open();
        socket.peerClose(code, "no");
      });
    };
    for (let call = 1; call <= 4; call++) {
      const waiters = [1, 2].map(() => observe(pool.acquire("/a")));
      await clock.advance(call === 1 ? 0 : 500);
      for (const { reason } of waiters) {
        assertInstanceOf(reason, ConnectError);
        assertEquals(reason.fatal, true);
        assertEquals(reason.phase, "open-hook");
        assertEquals(reason.closeCode, code);
      }
    }
  }
});

Deno.test("4.2 a fatal failure rejects all waiters of the key now, other dials in flight or not", async () => {
  await using virtual = createVirtualPool({ maxConnecting: 2 });
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const waiters = [1, 2, 3].map(() => observe(pool.acquire("/a")));
  await clock.settle();
  network.sockets[0]?.fail(1008);
  await clock.settle();
  assertEquals(waiters.map(({ state }) => state), [
    "rejected",
    "rejected",
    "rejected",
  ]);
});

Deno.test("4.2 F20 F21 F22 other close codes are no fatal failure", async () => {
  for (const code of [1000, 1001, 1011, 1012, 1013, 3000, 4000, 4999]) {
    await using virtual = createVirtualPool();
    const { pool, network } = virtual;
    network.behaviour = (socket) => queueMicrotask(() => socket.fail(code));
    const error = await assertRejects(() => pool.acquire("/a"), ConnectError);
    assertEquals([error.fatal, error.closeCode], [false, code]);
  }
});

Deno.test("4.2 F12 a subprotocol that was not offered is fatal and closes the socket with 1000", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({}, { runtime });
    const { pool, network } = virtual;
    network.behaviour = (socket) => queueMicrotask(() => socket.open(""));
    const error = await assertRejects(
      () => pool.acquire("/a", { protocols: ["v1", "v2"] }),
      ConnectError,
    );
    if (runtime === "deno") {
      assertEquals([error.phase, error.fatal], ["protocol", true]);
      assertEquals(network.last.closeCalls, [{ code: 1000, reason: "" }]);
    }
    assertEquals(network.live, 0);
  }
});

Deno.test("4.2 F14 a factory that throws fails the attempt, redacted, and leaks no slot", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  network.behaviour = (socket) => {
    throw new SyntaxError(`bad address ${socket.url}`);
  };
  const error = await assertRejects(
    () => pool.acquire("/a?token=secret"),
    ConnectError,
    "the WebSocket constructor threw",
  );
  assert(!Deno.inspect(error).includes("secret"));
  assertEquals(error.cause, { name: "SyntaxError" });
  assertEquals(pool.stats().connectingConnections, 0);
});

Deno.test("4.2 F1 F2 the failure of one attempt is forgotten after a success", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  await assertRejects(() => pool.acquire("/a"), ConnectError);
  network.behaviour = "open";
  const acquired = observe(pool.acquire("/a"));
  await clock.advance(500);
  await acquired.value.discard();
  network.behaviour = "refuse";
  const error = await assertRejects(() => pool.acquire("/a"), ConnectError);
  assertEquals(error.attempts, 1);
});

Deno.test("4.5 F19 a close frame right behind the handshake: a lease gets what came, and the code", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  const [socket] = network.sockets;
  socket?.open();
  socket?.message('"who are you?"');
  socket?.beginPeerClose();
  await clock.settle();
  const conn = acquired.value;
  assertEquals(conn.isConnected, false);
  const sent = observe(conn.send("I am"));
  assertEquals(await conn.receive(), "who are you?");
  const received = observe(conn.receive());
  socket?.peerClose(4401, "go away");
  await clock.settle();
  for (const { reason } of [sent, received]) {
    assertInstanceOf(reason, ConnectionLostError);
    assertEquals([reason.closeCode, reason.wasClean], [4401, true]);
  }
  assertEquals(pool.stats().totalMessagesDropped, 0);
});

Deno.test("4.5 F19 a socket that opened and closed in one turn: a failed dial with its code, and what came is counted", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const dropped: [string, number][] = [];
  pool.addEventListener("gap", ({ reason, dropped: count }) => {
    dropped.push([reason, count]);
  });
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  const [socket] = network.sockets;
  socket?.open();
  socket?.message('"who are you?"');
  socket?.peerClose(4401, "go away");
  await clock.settle();
  assertInstanceOf(acquired.reason, ConnectError);
  const { phase, closeCode, fatal } = acquired.reason;
  assertEquals([phase, closeCode, fatal], ["dial", 4401, true]);
  assertEquals(dropped, [["unread", 1]]);
  assertEquals(pool.stats().totalMessagesDropped, 1);
});

Deno.test("4.11 an inbox that overflows before the lease begins fails the dial, and blames no constructor", async () => {
  await using virtual = createVirtualPool({
    websocket: { inbox: { maxBytes: 5 } },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  network.sockets[0]?.open();
  network.sockets[0]?.message('"too long"');
  await clock.settle();
  assertInstanceOf(acquired.reason, ConnectError);
  assertStringIncludes(
    acquired.reason.message,
    "the connection ended before it was used",
  );
  assertEquals(acquired.reason.cause, undefined);
});
