import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ConnectError,
  ConnectionPool,
  type PooledConnection,
} from "@jetsocket/pool";
import { EchoServer } from "../support/echo_server.ts";
import { RawServer } from "../support/raw_server.ts";

/** The address of a port on which nothing listens. */
async function refusingUrl(): Promise<string> {
  await using server = await RawServer.start();
  return server.url("/");
}

async function failureOf(
  acquire: Promise<PooledConnection>,
): Promise<ConnectError> {
  return await assertRejects(() => acquire, ConnectError);
}

Deno.test("F2 refused: every waiter is answered by one dial, and the next dial waits for its backoff", async () => {
  const url = await refusingUrl();
  await using pool = new ConnectionPool({ maxConnections: 1 });
  const first = await Promise.all([
    failureOf(pool.acquire(url)),
    failureOf(pool.acquire(url)),
    failureOf(pool.acquire(url)),
  ]);
  for (const { phase, attempts, fatal, timedOut, closeCode } of first) {
    assertEquals(
      { phase, attempts, fatal, timedOut, closeCode },
      {
        phase: "dial",
        attempts: 1,
        fatal: false,
        timedOut: false,
        closeCode: 1006,
      },
    );
  }
  assertEquals(pool.stats().totalConnectFailures, 1);
  // A backoff takes at most half of what the acquire has left.
  const began = performance.now();
  const again = await failureOf(pool.acquire(url, { timeout: 100 }));
  assert(performance.now() - began < 5_000, "bounded by the timeout");
  assertEquals([again.phase, again.attempts], ["dial", 2]);
  assertEquals(pool.stats().totalConnectFailures, 2);
  assertEquals(pool.stats().connectingConnections, 0);
});

Deno.test("F2 refused, then listening again: the next acquire after the backoff succeeds", async () => {
  const gone = await RawServer.start();
  const { port } = gone;
  await gone.stop();
  await using pool = new ConnectionPool({ baseUrl: `ws://127.0.0.1:${port}` });
  await failureOf(pool.acquire("/echo", { timeout: 200 }));
  await using _back = await RawServer.start({ port });
  await using conn = await pool.acquire("/echo", { timeout: 2_000 });
  assert(conn.isConnected);
});

Deno.test("F4 a handshake never answered ends at connectTimeout, and its TCP connection with it", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: { connectTimeout: 60 },
  });
  const error = await failureOf(pool.acquire("/hang"));
  assertEquals([error.phase, error.timedOut], ["dial", true]);
  await server.until(() => server.openTcp === 0);
  assertEquals(server.total, 1);
});

Deno.test("F4 a hanging dial that nobody waits for any more gives its slot to another key", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: 1,
    websocket: { connectTimeout: 5_000 },
  });
  const error = await failureOf(pool.acquire("/hang", { timeout: 50 }));
  assertEquals([error.phase, error.timedOut], ["dial", true]);
  await using conn = await pool.acquire("/echo", { timeout: 4_000 });
  assert(conn.isConnected);
  await server.until(() => server.openTcp === 1);
});

for (const status of [400, 401, 403, 404, 426, 429, 500, 502, 503]) {
  Deno.test(`F5 F6 F7 F8 status ${status}: the attempt fails, is not fatal, leaves nothing`, async () => {
    await using server = await RawServer.start();
    await using pool = new ConnectionPool({ baseUrl: server.url("") });
    const error = await failureOf(pool.acquire(`/status/${status}`));
    assertEquals(
      [error.phase, error.fatal, error.closeCode, error.attempts],
      ["dial", false, 1006, 1],
    );
    const { connectingConnections, closingConnections } = pool.stats();
    assertEquals([connectingConnections, closingConnections], [0, 0]);
    await server.until(() => server.openTcp === 0);
  });
}

Deno.test("F5 a refused address does not stand in the way of another", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: 1,
  });
  const refused = failureOf(pool.acquire("/status/401"));
  await using conn = await pool.acquire("/echo");
  assert(conn.isConnected);
  await refused;
});

for (const path of ["/garbage", "/reset-handshake", "/fin-handshake"]) {
  Deno.test(`F9 ${path}: the attempt fails`, async () => {
    await using server = await RawServer.start();
    await using pool = new ConnectionPool({ baseUrl: server.url("") });
    const error = await failureOf(pool.acquire(path));
    assertEquals([error.phase, error.closeCode], ["dial", 1006]);
    await server.until(() => server.openTcp === 0);
  });
}

Deno.test("F9 TLS on a plain port: the attempt fails", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool();
  const url = server.url("/echo").replace("ws:", "wss:");
  const error = await failureOf(pool.acquire(url));
  assertEquals([error.phase, error.timedOut], ["dial", false]);
});

Deno.test("F10 a redirect is not followed", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const error = await failureOf(pool.acquire("/redirect"));
  assertEquals(error.phase, "dial");
  await server.until(() => server.openTcp === 0);
  assertEquals(server.peers.map(({ path }) => path), ["/redirect"]);
});

Deno.test("F11 an unasked subprotocol: ConnectError, phase protocol, fatal, closed with 1000", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const error = await failureOf(pool.acquire("/unasked-protocol"));
  assertEquals([error.phase, error.fatal], ["protocol", true]);
  const peer = await server.peer();
  await peer.until(() => !peer.isOpen);
  assertEquals(peer.closeCode, 1000);
});

Deno.test("F12 no subprotocol though asked for: ConnectError, phase protocol, fatal, closed with 1000", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: { protocols: ["trades.v2"] },
  });
  const waiters = [pool.acquire("/no-protocol"), pool.acquire("/no-protocol")];
  for (const error of await Promise.all(waiters.map(failureOf))) {
    assertEquals([error.phase, error.fatal], ["protocol", true]);
  }
  const peer = await server.peer();
  await peer.until(() => !peer.isOpen);
  assertEquals(peer.closeCode, 1000);
});

Deno.test("F12 a subprotocol that was not offered: ConnectError, phase protocol", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const error = await failureOf(
    pool.acquire("/unasked-protocol", { protocols: "trades.v2" }),
  );
  assertEquals([error.phase, error.fatal], ["protocol", true]);
});

Deno.test("F13 slow handshakes do not hold up those of others", async () => {
  const slow = Promise.withResolvers<void>();
  await using server = await RawServer.start({
    handler: async (peer) => {
      if (peer.path.startsWith("/slow")) await slow.promise;
      await peer.accept();
    },
  });
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const pending = pool.acquire("/slow/1");
  const alsoPending = pool.acquire("/slow/2");
  await server.until(() => server.peers.length === 2);
  {
    await using first = await pool.acquire("/quick/1");
    await using second = await pool.acquire("/quick/2");
    assert(first.isConnected && second.isConnected);
    assertEquals(pool.stats().connectingConnections, 2);
  }
  slow.resolve();
  for (const conn of await Promise.all([pending, alsoPending])) {
    assert(conn.isConnected);
    await conn.release();
  }
});

Deno.test("F13 an onOpen that takes long does not hold up the queue of its key", async () => {
  await using server = await RawServer.start();
  const hold = Promise.withResolvers<void>();
  let dials = 0;
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: { onOpen: () => dials++ === 0 ? hold.promise : undefined },
  });
  const first = pool.acquire("/echo");
  const second = pool.acquire("/echo");
  // The queue is first in, first out, whosever dial is done first.
  const conn = await first;
  assertEquals([dials, conn.id], [2, 2]);
  hold.resolve();
  assertEquals((await second).id, 1);
});
