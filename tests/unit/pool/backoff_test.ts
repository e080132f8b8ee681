import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { ConnectError, ConnectionLostError } from "../../../mod.ts";
import { readAll } from "../../support/read_all.ts";
import { createVirtualPool } from "../../support/virtual_pool.ts";

Deno.test("4.5 maxAttempts failed redials end the lease: buffered messages, then ConnectionLostError with the last failure", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { maxAttempts: 3, jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const lost: unknown[] = [];
  pool.addEventListener("lost", ({ connectionId }) => {
    lost.push(connectionId);
  });
  const conn = await pool.acquire("/a");
  const { signal } = conn;
  network.last.message("1");
  network.behaviour = "refuse";
  network.last.reset();
  await clock.advance(1_000 + 2_000 + 4_000 - 1);
  assertEquals([network.dials.length, signal.aborted], [3, false]);
  await clock.advance(1);
  assertEquals([network.dials.length, signal.aborted], [4, true]);
  const { messages, end } = readAll(conn);
  await clock.settle();
  assertEquals(messages, [1]);
  assertInstanceOf(end.reason, ConnectionLostError);
  assertEquals(signal.reason, end.reason);
  const { cause } = end.reason;
  assertInstanceOf(cause, ConnectError);
  assertEquals(
    [cause.phase, cause.attempts, cause.fatal, cause.closeCode],
    ["dial", 3, false, 1006],
  );
  await assertRejects(() => conn.send("x"), ConnectionLostError);
  assertEquals(lost, [1]);
  assertEquals(pool.stats().activeConnections, 0);
  await clock.advance(600_000);
  assertEquals(network.dials.length, 4);
});

Deno.test("4.5 a successful redial starts maxAttempts anew", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { maxAttempts: 2, jitter: 0, multiplier: 1 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  for (let round = 0; round < 5; round++) {
    network.behaviour = "refuse";
    network.last.reset();
    await clock.advance(1_500);
    network.behaviour = "open";
    await clock.advance(500);
    assertEquals(conn.isConnected, true);
  }
  assertEquals(conn.stats().reconnects, 5);
});

Deno.test("4.5 full jitter: each delay lies in (0, ceiling], the ceiling doubles up to maxDelay", async () => {
  for (const random of [0, 0.25, 0.5, 0.999]) {
    await using virtual = createVirtualPool(
      { websocket: { reconnect: { minDelay: 100, maxDelay: 1_500 } } },
      { random: () => random },
    );
    const { pool, clock, network } = virtual;
    await pool.acquire("/a");
    network.behaviour = "refuse";
    network.last.reset();
    const lostAt = clock.time;
    await clock.advance(20_000 * (1 - random));
    const times = [lostAt, ...network.dials.slice(1).map(({ at }) => at)];
    const delays = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    const ceilings = [100, 200, 400, 800, 1_500, 1_500, 1_500];
    for (const [index, ceiling] of ceilings.entries()) {
      const delay = delays[index] ?? NaN;
      const off = Math.abs(delay - ceiling * (1 - random));
      assert(off < 0.001, `delay ${index + 1} is ${delay}`);
    }
  }
});

Deno.test("4.5 jitter, multiplier: without jitter the delays are the ceilings", async () => {
  await using virtual = createVirtualPool(
    {
      websocket: {
        reconnect: { minDelay: 10, maxDelay: 1_000, multiplier: 3, jitter: 0 },
      },
    },
    { random: () => 0.9 },
  );
  const { pool, clock, network } = virtual;
  await pool.acquire("/a");
  network.behaviour = "refuse";
  network.last.reset();
  const lostAt = clock.time;
  await clock.advance(10 + 30 + 90 + 270 + 810 + 1_000);
  assertEquals(network.dials.slice(1).map(({ at }) => at - lostAt), [
    10,
    40,
    130,
    400,
    1_210,
    2_210,
  ]);
});

Deno.test("4.5 F81 flapping does not reset the backoff; resetAfter of stable uptime does", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { jitter: 0, resetAfter: 30_000 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  for (const delay of [1_000, 2_000, 4_000, 8_000]) {
    await clock.advance(29_000);
    network.last.peerClose(1013);
    const lostAt = clock.time;
    await clock.advance(delay);
    assertEquals(network.dials.at(-1)?.at, lostAt + delay);
    assertEquals(conn.isConnected, true);
  }
  await clock.advance(30_000);
  network.last.peerClose(1013);
  await clock.advance(999);
  assertEquals(conn.isConnected, false);
  await clock.advance(1);
  assertEquals(conn.isConnected, true);
});

Deno.test("4.5 F21 a close with 1013 and a refused dial back off alike", async () => {
  const delays: number[][] = [];
  for (const way of ["1013", "refused"]) {
    await using virtual = createVirtualPool({
      websocket: { reconnect: { jitter: 0 } },
    });
    const { pool, clock, network } = virtual;
    await pool.acquire("/a");
    network.behaviour = way === "refused" ? "refuse" : (socket) => {
      queueMicrotask(() => socket.open());
      // After the redial is done, so that this is a loss, not a failed dial.
      clock.setTimer(() => socket.peerClose(1013), 0);
    };
    network.last.peerClose(1013);
    const start = clock.time;
    await clock.advance(40_000);
    delays.push(network.dials.slice(1).map(({ at }) => at - start));
  }
  assertEquals(delays[0], [1_000, 3_000, 7_000, 15_000, 31_000]);
  assertEquals(delays[1], delays[0]);
});

Deno.test("4.5 many leases of one key lost at once are one failure: all are back within one backoff", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 20,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conns = await Promise.all(
    Array.from({ length: 20 }, () => pool.acquire("/a")),
  );
  for (const socket of [...network.sockets]) socket.peerClose(1012);
  await clock.advance(1_000);
  assertEquals(conns.every(({ isConnected }) => isConnected), true);
  // Nor does it count twenty times when the next loss comes.
  network.last.reset();
  await clock.advance(2_000);
  assertEquals(conns.every(({ isConnected }) => isConnected), true);
});
