import { assertEquals, assertInstanceOf } from "@std/assert";
import {
  ConnectionLostError,
  type ConnectionPool,
  PoolClosedError,
  type PooledConnection,
} from "../../../mod.ts";
import { readAll } from "../../support/read_all.ts";
import {
  createVirtualPool,
  type VirtualPool,
} from "../../support/virtual_pool.ts";

/** A lease whose address refuses every dial after the first. */
async function leaseOfDeadServer(
  pool: ConnectionPool,
  virtual: VirtualPool<unknown, unknown>,
): Promise<PooledConnection> {
  const conn = await pool.acquire("/a");
  virtual.network.behaviour = "refuse";
  virtual.network.last.reset();
  return conn;
}

Deno.test("regression of JetSocket (Python): retries do not recurse, 5000 in a row pass", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { minDelay: 1, maxDelay: 1, jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const conn = await leaseOfDeadServer(pool, virtual);
  await clock.advance(5_000);
  assertEquals(network.dials.length, 5_001);
  network.behaviour = "open";
  await clock.advance(1);
  assertEquals(conn.isConnected, true);
});

Deno.test("regression of JetSocket (Python): a handshake refused as with 401 is not retried without pause", async () => {
  await using virtual = createVirtualPool({ websocket: { reconnect: true } });
  const { pool, clock, network } = virtual;
  await leaseOfDeadServer(pool, virtual);
  await clock.advance(60_000);
  // Ceilings 1, 2, 4, 8, 16, 32, 60 s, halved by `random`: 0.5 + 1 + 2 + 4 + 8 + 16 = 31.5, + 30.
  assertEquals(network.dials.length, 1 + 6);
});

Deno.test("regression of JetSocket (Python): a close with 1008 is not retried", async () => {
  await using virtual = createVirtualPool({ websocket: { reconnect: true } });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  const { end } = readAll(conn);
  network.last.peerClose(1008, "policy");
  await clock.settle();
  assertInstanceOf(end.reason, ConnectionLostError);
  assertEquals([end.reason.closeCode, end.reason.closeReason], [
    1008,
    "policy",
  ]);
  await clock.advance(600_000);
  assertEquals(network.dials.length, 1);
});

Deno.test("regression of JetSocket (Python): the attempt counter is reset by success", async () => {
  await using virtual = createVirtualPool({
    websocket: { reconnect: { maxAttempts: 3, jitter: 0, resetAfter: 10_000 } },
  });
  const { pool, clock, network } = virtual;
  const attempts: number[] = [];
  pool.addEventListener("reconnect", (event) => {
    attempts.push(event.attempts);
  });
  const conn = await pool.acquire("/a");
  for (let night = 0; night < 10; night++) {
    network.behaviour = "refuse";
    network.last.reset();
    await clock.advance(1_000);
    network.behaviour = "open";
    await clock.advance(2_000);
    assertEquals(conn.isConnected, true);
    await clock.advance(10_000);
  }
  assertEquals(attempts, new Array(10).fill(2));
});

Deno.test("regression of JetSocket (Python): iteration ends after the pool's close, also during a reconnect", async () => {
  for (const isLost of [false, true]) {
    await using virtual = createVirtualPool({ websocket: { reconnect: true } });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    const { end } = readAll(conn);
    if (isLost) network.last.reset();
    pool.close();
    await clock.settle();
    assertInstanceOf(end.reason, PoolClosedError);
    const after = readAll(conn);
    await clock.settle();
    assertEquals(after.end.state, "rejected");
  }
});

Deno.test("regression of JetSocket (Python): subscriptions survive a reconnect", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      reconnect: true,
      onOpen: (conn) => conn.send({ login: "key" }),
    },
  });
  const { pool, clock, network } = virtual;
  const channels = ["trades", "book"];
  const subscribe = async (
    conn: { send(message: unknown): Promise<void> },
  ) => {
    for (const channel of channels) await conn.send({ subscribe: channel });
  };
  const conn = await pool.acquire("/a", { onReconnect: subscribe });
  await subscribe(conn);
  for (let round = 0; round < 3; round++) {
    network.last.reset();
    await clock.advance(60_000);
    assertEquals(network.last.sent, [
      '{"login":"key"}',
      '{"subscribe":"trades"}',
      '{"subscribe":"book"}',
    ]);
  }
});
