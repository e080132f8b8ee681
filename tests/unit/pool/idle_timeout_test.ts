import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionLostError } from "../../../mod.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
import { answerPings, BARE_WORDS } from "../../support/bare_words.ts";
import {
  createVirtualPool,
  type VirtualPool,
} from "../../support/virtual_pool.ts";

/** What load balancers have by default. */
const PROXY_TIMEOUT = 60_000;

/**
 * A proxy in the middle that cuts connections on which nothing was sent for
 * {@linkcode PROXY_TIMEOUT}; the server behind it answers pings.
 */
async function live(
  { clock, network }: VirtualPool<unknown, unknown>,
  duration: number,
): Promise<void> {
  const spokeAt = new Map<FakeSocket, { sent: number; at: number }>();
  const end = clock.time + duration;
  while (clock.time < end) {
    for (const socket of network.sockets) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      answerPings(socket);
      const { length } = socket.sent;
      const known = spokeAt.get(socket);
      if (known?.sent !== length) {
        spokeAt.set(socket, { sent: length, at: clock.time });
      } else if (clock.time - known.at >= PROXY_TIMEOUT) {
        socket.reset();
      }
    }
    await clock.advance(1_000);
  }
}

Deno.test("F32 a proxy's idle timeout: a keepalive below it keeps leased and idle connections", async () => {
  await using virtual = createVirtualPool({
    maxIdleTime: Infinity,
    healthCheckInterval: 30_000,
    websocket: { heartbeat: { ...BARE_WORDS, interval: 30_000 } },
  });
  const { pool, network } = virtual;
  const conn = await pool.acquire("/leased");
  await (await pool.acquire("/idle")).release();
  await live(virtual, 600_000);
  assertEquals(conn.isConnected, true);
  assertEquals(pool.tryAcquire("/idle")?.id, 2);
  assertEquals(network.dials.length, 2);
});

Deno.test("F32 a proxy's idle timeout: maxIdleTime below it retires idle connections in good order first", async () => {
  await using virtual = createVirtualPool({ maxIdleTime: 50_000 });
  const { pool, network } = virtual;
  await (await pool.acquire("/a")).release();
  await live(virtual, 120_000);
  const { idle, lost } = pool.stats().retired;
  assertEquals([idle, lost], [1, 0]);
  assertEquals(network.last.closeCalls.map(({ code }) => code), [1000]);
});

Deno.test("F32 a proxy's idle timeout, met unprepared: idle ones vanish quietly, a lease in use gets the error", async () => {
  const complaints: string[] = [];
  const complain = (text: string) => void complaints.push(text);
  await using virtual = createVirtualPool({
    logger: { debug() {}, info() {}, warn: complain, error: complain },
  });
  const { pool, network } = virtual;
  const conn = await pool.acquire("/leased");
  await (await pool.acquire("/idle")).release();
  await live(virtual, 120_000);
  const error = await assertRejects(() => conn.receive(), ConnectionLostError);
  assertEquals([error.closeCode, error.wasClean], [1006, false]);
  assertEquals(pool.stats().retired.lost, 2);
  assertEquals(complaints.filter((text) => text.includes("/idle")), []);
  const again = await pool.acquire("/idle");
  assertEquals([again.reused, network.dials.length], [false, 3]);
});
