import { assertEquals, assertInstanceOf } from "@std/assert";
import { ConnectError } from "../../../mod.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("4.2 4.5 a fatal dial failure rejects that key's waiters at once and no other's; the next acquire dials afresh after minDelay", async () => {
  for (const reconnect of [false, true]) {
    await using virtual = createVirtualPool({
      maxConnections: 3,
      acquireTimeout: 60_000,
      websocket: {
        reconnect: reconnect && { jitter: 0 },
        onOpen: async (conn) => {
          await conn.receive();
        },
      },
    });
    const { pool, clock, network } = virtual;
    network.behave("/other", "hang");
    const other = observe(pool.acquire("/other"));
    const waiters = [1, 2, 3, 4, 5].map(() => observe(pool.acquire("/a")));
    await clock.settle();
    network.socketsTo("/a")[0]?.peerClose(4401, "bad key");
    await clock.settle();
    for (const { reason } of waiters) {
      assertInstanceOf(reason, ConnectError);
      assertEquals(
        [reason.fatal, reason.closeCode, reason.phase],
        [true, 4401, "open-hook"],
      );
    }
    assertEquals(other.state, "pending");
    // A second dial of the key may have been in flight: it ends like the first.
    for (const socket of network.socketsTo("/a")) socket.peerClose(4401);
    await clock.advance(120_000);
    const dials = network.dials.length;
    assertEquals(network.socketsTo("/a").length <= 2, true);

    // Many fatal failures in a row never wait for longer than minDelay.
    for (let round = 0; round < 8; round++) {
      const next = observe(pool.acquire("/a"));
      await clock.advance(1_000);
      assertEquals(network.dials.length, dials + round + 1);
      network.last.peerClose(4401);
      await clock.settle();
      assertInstanceOf(next.reason, ConnectError);
    }
  }
});

Deno.test("4.2 a caller's loop over a fatal failure dials at the pace of minDelay", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      classify: () => "fatal",
      reconnect: { minDelay: 1_000, jitter: 0 },
    },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  let isOver = false;
  const loop = (async () => {
    while (!isOver && !pool.closed) await pool.acquire("/a").catch(() => {});
  })();
  await clock.advance(60_000);
  isOver = true;
  assertEquals(network.dials.length, 61);
  await clock.advance(2_000);
  await loop;
});

Deno.test("4.2 F20 F81 without reconnect, an endpoint that opens and closes with an error code at once is a failure: no caller's loop hammers it", async () => {
  const ends: ((socket: FakeSocket) => void)[] = [
    (socket) => socket.reset(),
    ...[1008, 1011, 1013, 4401].map((code) => (socket: FakeSocket) =>
      socket.peerClose(code)
    ),
  ];
  for (const end of ends) {
    await using virtual = createVirtualPool();
    const { pool, clock, network } = virtual;
    network.behaviour = (socket) => {
      queueMicrotask(() => socket.open());
      clock.setTimer(() => end(socket), 10);
    };
    let isOver = false;
    const loop = (async () => {
      while (!isOver && !pool.closed) {
        await pool.use("/a", (conn) => conn.receive()).catch(() => {});
      }
    })();
    await clock.advance(60_000);
    isOver = true;
    await clock.advance(60_000);
    await loop;
    // Half of 1, 2, 4, 8, 16, 32 s: 0.5 + 1 + 2 + 4 + 8 + 16 = 31.5, + 30; a deadline of 10 s caps at 5.
    assertEquals(network.dials.length <= 16, true, `${network.dials.length}`);
  }
});

Deno.test("4.5 a clean close after each answer is no failure: request and response go on without pause", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = (socket) => {
    queueMicrotask(() => socket.open());
    clock.setTimer(() => {
      socket.message("1");
      socket.peerClose(1000);
    }, 10);
  };
  let answers = 0;
  let isOver = false;
  const loop = (async () => {
    while (!isOver && !pool.closed) {
      await pool.use("/a", (conn) => conn.receive());
      answers++;
    }
  })();
  await clock.advance(1_000);
  isOver = true;
  await clock.advance(1_000);
  await loop;
  assertEquals(answers >= 99, true, `${answers}`);
});
