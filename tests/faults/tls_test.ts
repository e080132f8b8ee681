import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectError, ConnectionPool, PoolClosedError } from "@jetsocket/pool";
import {
  AUTHORITY,
  EXPIRED,
  FOR_ANOTHER_HOST,
  FOR_LOCALHOST,
  KEY,
} from "../support/test_certificates.ts";

/** A server on TLS, and a pool that trusts the given authorities. */
class TlsScene implements AsyncDisposable {
  readonly pool: ConnectionPool;
  readonly port: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #client: Deno.HttpClient;

  constructor(cert: string, caCerts: string[], isFatal = false) {
    const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
    this.#server = Deno.serve(
      { ...options, cert, key: KEY },
      (request) => Deno.upgradeWebSocket(request).response,
    );
    this.port = this.#server.addr.port;
    const client = Deno.createHttpClient({ caCerts });
    this.#client = client;
    this.pool = new ConnectionPool({
      baseUrl: `wss://localhost:${this.port}`,
      websocket: {
        reconnect: isFatal,
        classify: () => isFatal ? "fatal" : "retry",
        factory: (url, { protocols }) =>
          // @ts-expect-error: Deno's options, which the DOM's types do not know
          new WebSocket(url, { protocols, client }),
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close();
    this.#client.close();
    await this.#server.shutdown();
  }
}

Deno.test("F34 a certificate that is trusted, in time and for the host: the connection opens", async () => {
  await using scene = new TlsScene(FOR_LOCALHOST, [AUTHORITY]);
  await using conn = await scene.pool.acquire("/");
  assert(conn.isConnected);
});

const bad: readonly [why: string, cert: string, trusted: string[]][] = [
  ["is expired", EXPIRED, [AUTHORITY]],
  ["is for another host", FOR_ANOTHER_HOST, [AUTHORITY]],
  ["comes from nobody trusted", FOR_LOCALHOST, []],
];
for (const [why, cert, trusted] of bad) {
  Deno.test(`F34 a certificate that ${why}: a failed attempt, in backoff`, async () => {
    await using scene = new TlsScene(cert, trusted);
    const { pool } = scene;
    const { phase, fatal, attempts, closeCode } = await assertRejects(
      () => pool.acquire("/"),
      ConnectError,
    );
    assertEquals([phase, fatal, attempts, closeCode], ["dial", false, 1, 1006]);
    const again = pool.acquire("/");
    assertEquals([pool.stats().waiting, pool.stats().connectingConnections], [
      1,
      0,
    ]);
    pool.close();
    await assertRejects(() => again, PoolClosedError);
  });
}

Deno.test("F34 classify may call it fatal: with reconnect, too, the waiters are answered at once", async () => {
  await using scene = new TlsScene(EXPIRED, [AUTHORITY], true);
  const { pool } = scene;
  const options = { timeout: 60_000 };
  const waiters = [pool.acquire("/", options), pool.acquire("/", options)];
  for (const waiter of waiters) {
    const error = await assertRejects(() => waiter, ConnectError);
    assertEquals([error.fatal, error.timedOut], [true, false]);
  }
});

Deno.test("F9 a plain dial to a port that speaks TLS: a failed attempt", async () => {
  await using scene = new TlsScene(FOR_LOCALHOST, [AUTHORITY]);
  const url = `ws://localhost:${scene.port}/`;
  await using pool = new ConnectionPool();
  const error = await assertRejects(() => pool.acquire(url), ConnectError);
  assertEquals([error.phase, error.timedOut], ["dial", false]);
});
