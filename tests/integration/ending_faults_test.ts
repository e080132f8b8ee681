import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  ConnectionLostError,
  ConnectionPool,
  type PooledConnection,
  PoolExhaustedError,
} from "@jetsocket/pool";
import { EchoServer } from "../support/echo_server.ts";
import { encodeFrame, opcodes, textFrame } from "../support/frames.ts";
import type { RawPeer } from "../support/raw_peer.ts";
import { RawServer } from "../support/raw_server.ts";
import { nextEvent } from "./pool_events.ts";
import { TrackedSockets } from "./tracked_sockets.ts";

/** Reads to the end of the stream. */
async function readAll(
  conn: PooledConnection,
): Promise<{ messages: unknown[]; error: unknown }> {
  const messages: unknown[] = [];
  try {
    for await (const message of conn) messages.push(message);
    return { messages, error: undefined };
  } catch (error) {
    return { messages, error };
  }
}

/** A lease, and the server's end of it. */
async function lease(
  server: RawServer,
  pool: ConnectionPool,
): Promise<{ conn: PooledConnection; peer: RawPeer }> {
  const conn = await pool.acquire(server.url("/echo"));
  return { conn, peer: await server.peer() };
}

for (const code of [1000, 1001]) {
  Deno.test(`F17 a close ${code} while idle: retired in the same task, the next acquire dials`, async () => {
    await using server = await RawServer.start();
    await using pool = new ConnectionPool();
    const { conn, peer } = await lease(server, pool);
    await conn.release();
    const retired = nextEvent(pool, "retire");
    let idleThen: number | undefined;
    pool.addEventListener("retire", () => {
      idleThen = pool.stats().idleConnections;
    });
    await peer.close(code);
    assertEquals((await retired).reason, "lost");
    assertEquals([idleThen, pool.stats().retired.lost], [0, 1]);
    await using next = await pool.acquire(server.url("/echo"));
    assertEquals([next.id, next.reused], [2, false]);
  });
}

for (const code of [1000, 1001, undefined]) {
  Deno.test(`F23 close ${code ?? "without a code"} while leased: what came is read, the iteration ends without error`, async () => {
    await using server = await RawServer.start();
    await using pool = new ConnectionPool();
    const { conn, peer } = await lease(server, pool);
    const lost = nextEvent(pool, "lost");
    await peer.write(textFrame("1"), textFrame("2"));
    const reason = code === undefined ? "" : "bye";
    await peer.close(code, reason);
    assertEquals((await lost).reason, "closed");
    assertEquals(await readAll(conn), { messages: [1, 2], error: undefined });
    const error = await assertRejects(
      () => conn.receive(),
      ConnectionLostError,
    );
    assertEquals(
      [error.closeCode, error.closeReason, error.wasClean],
      [code ?? 1005, reason, true],
    );
    await conn.release();
    assertEquals(pool.stats().idleConnections, 0);
  });
}

const abnormalEnds: Readonly<Record<string, (peer: RawPeer) => unknown>> = {
  "F24 RST": (peer) => peer.reset(),
  "F25 close code 999": (peer) => peer.close(999),
  "F25 close code 1005": (peer) => peer.close(1005),
  "F25 close code 1006": (peer) => peer.close(1006),
  "F25 close code 5000": (peer) => peer.close(5000),
  "F26 RST in mid-frame": async (peer) => {
    await peer.write(textFrame("3333").subarray(0, -2));
    peer.reset();
  },
  "F27 FIN without close": (peer) => peer.fin(),
  "F27 FIN in mid-frame": async (peer) => {
    await peer.write(textFrame("3333").subarray(0, -2));
    peer.fin();
  },
  "F65 invalid UTF-8": (peer) =>
    peer.write(encodeFrame(opcodes.text, new Uint8Array([0xC3, 0x28]))),
};

for (const [fault, end] of Object.entries(abnormalEnds)) {
  Deno.test(`${fault}: what came whole is read, then ConnectionLostError with code 1006`, async () => {
    await using server = await RawServer.start();
    await using pool = new ConnectionPool();
    const { conn, peer } = await lease(server, pool);
    await peer.write(textFrame("1"), textFrame("2"));
    assertEquals(await conn.receive(), 1);
    const { signal } = conn;
    const lost = nextEvent(pool, "lost");
    await end(peer);
    const { reason, closeCode } = await lost;
    assertEquals([reason, closeCode], ["broken", 1006]);
    const { messages, error } = await readAll(conn);
    assertEquals(messages, [2]);
    assert(error instanceof ConnectionLostError);
    assertEquals([error.closeCode, error.wasClean], [1006, false]);
    assertEquals(signal.reason, error);
    await conn.release();
    assertEquals(pool.stats().activeConnections, 0);
    assertEquals(pool.stats().retired.lost, 1);
  });
}

Deno.test("4.11 an error code in a close frame breaks the iteration and is shown", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool();
  const { conn, peer } = await lease(server, pool);
  await peer.close(1011, "disk full");
  const { error } = await readAll(conn);
  assert(error instanceof ConnectionLostError);
  assertEquals(
    [error.closeCode, error.closeReason, error.wasClean],
    [1011, "disk full", true],
  );
});

Deno.test("F29 a close never answered: abandoned at closeTimeout, lingering counted and bounded", async () => {
  const tracked = new TrackedSockets();
  await using server = await RawServer.start();
  const pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: 1,
    websocket: { closeTimeout: 40, factory: tracked.factory },
  });
  const first = await pool.acquire("/no-close-answer");
  await first.discard();
  assertEquals(pool.stats().closingConnections, 1);
  // Only the end of the close can free the one slot.
  const second = await pool.acquire("/no-close-answer");
  assertEquals(pool.stats().lingeringSockets, 1);
  await second.discard();
  // As many sockets as connections may linger: the second keeps its slot.
  await assertRejects(
    () => pool.acquire("/echo", { timeout: 150 }),
    PoolExhaustedError,
  );
  assertEquals(
    [pool.stats().lingeringSockets, pool.stats().closingConnections],
    [1, 1],
  );
  assertEquals(server.openTcp, 2);
  const report = await pool.close();
  assertEquals(report, { drained: 0, forced: 0, abandoned: 2 });
  await server.stop();
  await tracked.allEnded();
});

Deno.test("F29 a close answered late: the lingering socket is counted out when it ends", async () => {
  const tracked = new TrackedSockets();
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: 1,
    websocket: { closeTimeout: 30, factory: tracked.factory },
  });
  await (await pool.acquire("/no-close-answer")).discard();
  await using _conn = await pool.acquire("/echo");
  assertEquals(pool.stats().lingeringSockets, 1);
  const peer = await server.peer();
  await peer.close(1000);
  const [socket] = tracked.sockets;
  assert(socket !== undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.addEventListener("close", () => resolve());
  if (socket.readyState !== WebSocket.CLOSED) await promise;
  assertEquals(pool.stats().lingeringSockets, 0);
});

Deno.test("F35 a restart of the server: idle ones go, leases end, the next acquire dials", async () => {
  const before = EchoServer.start();
  const { port } = before;
  await using pool = new ConnectionPool({ baseUrl: before.url("") });
  const held = await pool.acquire("/leased");
  await pool.use("/idle", () => {});
  const lost = nextEvent(pool, "lost");
  const retired = nextEvent(pool, "retire");
  await before.stop();
  assertEquals([(await lost).closeCode, (await retired).reason], [
    1001,
    "lost",
  ]);
  const { error } = await readAll(held);
  assertEquals(error, undefined);
  await held.release();
  await using _after = EchoServer.start({ port });
  for (const path of ["/leased", "/idle"]) {
    await using conn = await pool.acquire(path);
    await conn.send(path);
    assertEquals(await conn.receive(), path);
  }
});

Deno.test("F58 F70 send on a CLOSING or CLOSED socket is refused", async () => {
  const tracked = new TrackedSockets();
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    websocket: { factory: tracked.factory },
  });
  const { conn, peer } = await lease(server, pool);
  const [socket] = tracked.sockets;
  const lost = nextEvent(pool, "lost");
  socket?.close();
  assertEquals(socket?.readyState, WebSocket.CLOSING);
  await assertRejects(() => conn.send("closing"), ConnectionLostError);
  assertThrows(() => conn.trySend("closing"), ConnectionLostError);
  assertEquals(conn.isConnected, false);
  await lost;
  await assertRejects(() => conn.send("closed"), ConnectionLostError);
  assertThrows(() => conn.trySend("closed"), ConnectionLostError);
  await conn.release();
  assertEquals(peer.messages, []);
});
