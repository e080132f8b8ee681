/** What a server says at once, on connections that nobody gets. */
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectError } from "../../../mod.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

/** The handshake's answer with messages in the same segment. */
function openTalking(socket: FakeSocket, protocol?: string): void {
  queueMicrotask(() => {
    socket.open(protocol);
    socket.message('"hello"');
    socket.message('"world"');
  });
}

Deno.test("4.4 what came in on a connection that is retired on arrival is dropped and counted", async () => {
  await using virtual = createVirtualPool();
  const { pool, network, clock } = virtual;
  const gaps: unknown[] = [];
  pool.addEventListener("gap", ({ reason, dropped }) => {
    gaps.push([reason, dropped]);
  });
  network.behaviour = "manual";
  const warming = observe(pool.warm("/a", { timeout: 100 }));
  await clock.settle();
  pool.clear();
  openTalking(network.last);
  await clock.settle();
  const { retired, totalMessagesReceived, totalMessagesDropped } = pool.stats();
  assertEquals(retired.cleared, 1);
  assertEquals([totalMessagesReceived, totalMessagesDropped], [2, 2]);
  assertEquals(gaps, [["unread", 2]]);
  await clock.advance(100);
  assertEquals(warming.state, "fulfilled");
});

Deno.test("4.4 F11 what came in on a connection with a wrong subprotocol is dropped and counted", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  network.behaviour = (socket) => openTalking(socket, "v9");
  await assertRejects(
    () => pool.acquire("/a", { protocols: ["v1"] }),
    ConnectError,
  );
  const { totalMessagesReceived, totalMessagesDropped } = pool.stats();
  assertEquals([totalMessagesReceived, totalMessagesDropped], [2, 2]);
});

Deno.test("F63 an inbox that overflows before anybody has the connection: its socket is closed at once", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    websocket: { inbox: { maxBytes: 3 }, closeTimeout: 60_000 },
  });
  const { pool, network, clock } = virtual;
  network.behaviour = (socket) => openTalking(socket);
  await assertRejects(() => pool.acquire("/a"), ConnectError);
  assertEquals(network.last.closeCalls.length, 1);
  await clock.settle();
  assertEquals([network.live, pool.stats().closingConnections], [0, 0]);
  const { totalMessagesReceived, totalMessagesDropped } = pool.stats();
  assertEquals([totalMessagesReceived, totalMessagesDropped], [2, 2]);
});

Deno.test("3.5 a connection is told before what it brought and nobody gets, whatever listeners do", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, network, clock } = virtual;
  const log: unknown[] = [];
  pool.addEventListener("connect", () => void log.push("connect"));
  pool.addEventListener("retire", () => void log.push("retire"));
  pool.addEventListener("gap", ({ reason }) => {
    log.push(reason);
    pool.clear();
  });
  network.behaviour = (socket) => openTalking(socket);
  await pool.warm("/a");
  await clock.settle();
  assertEquals(log, ["connect", "idle", "retire"]);
});
