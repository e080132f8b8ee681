/**
 * What can go wrong before a handshake, with the system's own resolver and
 * network stack.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, type Socket } from "node:net";
import { ConnectError, ConnectionPool, PoolClosedError } from "@jetsocket/pool";
import { ENVIRONMENT, systemEnvironment } from "../../src/io/clock.ts";
import { RawServer } from "../support/raw_server.ts";

/** What a shared, slow machine may add to any time. */
const SLACK = 4_000;

function failureOf(acquire: Promise<unknown>): Promise<ConnectError> {
  return assertRejects(() => acquire, ConnectError);
}

Deno.test("F1 a name that does not resolve: answered now, the next dial backs off", async () => {
  // By default any part of the backoff may be left out: here none is.
  const environment = { ...systemEnvironment, random: () => 0 };
  const config = { maxConnections: 1, [ENVIRONMENT]: environment };
  await using pool = new ConnectionPool(config);
  // RFC 6761: a resolver must not find it. One that is slow is timed out.
  const url = "ws://nowhere.invalid/";
  const began = performance.now();
  const first = await failureOf(pool.acquire(url));
  const took = performance.now() - began;
  assertEquals([first.phase, first.fatal, first.attempts], ["dial", false, 1]);
  assert(took < 5_000 + SLACK, `answered after ${took} ms`);
  const { connectingConnections, closingConnections } = pool.stats();
  assertEquals([connectingConnections, closingConnections], [0, 0]);
  // The next one waits for its backoff.
  const again = pool.acquire(url, { timeout: 20_000 });
  assertEquals([pool.stats().waiting, pool.stats().connectingConnections], [
    1,
    0,
  ]);
  pool.close();
  await assertRejects(() => again, PoolClosedError);
});

/** A port whose queue of connections is full: the kernel drops what asks to get in. */
class BlackholedPort implements Disposable {
  readonly port: number;
  readonly #listener: Deno.Listener;
  readonly #sockets: Socket[] = [];

  constructor() {
    const options = { port: 0, hostname: "127.0.0.1", tcpBacklog: 1 };
    const listener = Deno.listen(options);
    this.#listener = listener;
    this.port = listener.addr.port;
  }

  /** Connects until a connection takes longer than any on loopback does. */
  async fill(): Promise<void> {
    for (;;) {
      const socket = connect(this.port, "127.0.0.1");
      this.#sockets.push(socket);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      socket.on("connect", () => resolve(true));
      socket.on("error", () => {});
      const timer = setTimeout(() => resolve(false), 200);
      const isIn = await promise;
      clearTimeout(timer);
      if (!isIn) return;
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
  }
}

Deno.test("F3 a SYN that nobody answers: connectTimeout ends it and frees the slot", async () => {
  using hole = new BlackholedPort();
  await hole.fill();
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    maxConnections: 1,
    websocket: { connectTimeout: 600 },
  });
  const began = performance.now();
  const error = await failureOf(pool.acquire(`ws://127.0.0.1:${hole.port}/`));
  const took = performance.now() - began;
  assertEquals([error.phase, error.timedOut], ["dial", true]);
  assert(took >= 599 && took < 600 + SLACK, `answered after ${took} ms`);
  await using conn = await pool.acquire(server.url("/echo"));
  assert(conn.isConnected);
  assertEquals(pool.stats().closingConnections, 0);
});

Deno.test("F5 F6 F8 with reconnect a status is retried until the deadline; classify may call it fatal", async () => {
  for (const verdict of ["retry", "fatal"] as const) {
    await using server = await RawServer.start();
    await using pool = new ConnectionPool({
      baseUrl: server.url(""),
      websocket: {
        reconnect: { minDelay: 50, maxDelay: 50, jitter: 0 },
        classify: () => verdict,
      },
    });
    const statuses = [401, 404, 404, 503];
    const waiters = statuses.map((status) =>
      pool.acquire(`/status/${status}`, { timeout: 1_000 })
    );
    const isFatal = verdict === "fatal";
    for (const error of await Promise.all(waiters.map(failureOf))) {
      assertEquals([error.fatal, error.timedOut], [isFatal, !isFatal]);
    }
    const { total } = server;
    // Two addresses with one dial, one with a dial for each of its waiters.
    if (isFatal) assert(total <= statuses.length, `${total} dials`);
    else assert(total >= 2 * 3, `${total} dials`);
  }
});

Deno.test("F7 an endpoint that answers 429 is dialled at the pace of the backoff, whatever its callers do", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    maxConnections: 50,
    maxConnecting: 50,
    websocket: { reconnect: { minDelay: 100, maxDelay: 100, jitter: 0 } },
  });
  const began = performance.now();
  const callers = Array.from(
    { length: 20 },
    () => failureOf(pool.acquire("/status/429", { timeout: 600 })),
  );
  await Promise.all(callers);
  const took = performance.now() - began;
  // The first round may have a dial for each; then one trial at a time.
  const most = callers.length + Math.ceil(took / 100);
  assert(
    server.total >= 2 && server.total <= most,
    `${server.total} dials in ${took} ms`,
  );
});

Deno.test("F16 a name with addresses of both kinds: the one that listens is found", async () => {
  // `localhost` is ::1 first for some resolvers; there only IPv4 listens.
  await using server = await RawServer.start();
  await using pool = new ConnectionPool();
  await using conn = await pool.acquire(`ws://localhost:${server.port}/echo`);
  assert(conn.isConnected);
});

Deno.test("F16 an IPv6 address behind which only IPv4 listens: a failed attempt within connectTimeout", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool();
  const began = performance.now();
  const error = await failureOf(pool.acquire(`ws://[::1]:${server.port}/echo`));
  const took = performance.now() - began;
  assertEquals(error.phase, "dial");
  assert(took < 5_000 + SLACK, `answered after ${took} ms`);
});

Deno.test({
  name:
    "F14 F77 without permission for the network: a failed attempt, redacted, no slot leaked",
  permissions: { net: false },
  async fn() {
    await using pool = new ConnectionPool({
      maxConnections: 1,
      websocket: { reconnect: { minDelay: 10, maxDelay: 10 } },
    });
    const url = "ws://127.0.0.1:9/?token=s3cret";
    const error = await failureOf(pool.acquire(url, { timeout: 200 }));
    assertEquals(error.phase, "dial");
    assert(error.attempts >= 2, `${error.attempts} attempts`);
    assertEquals(Deno.inspect(error, { depth: 10 }).includes("s3cret"), false);
    assertEquals(pool.stats().connectingConnections, 0);
  },
});
