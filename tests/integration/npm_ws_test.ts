import { once } from "node:events";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ConnectError,
  ConnectionLostError,
  ConnectionPool,
} from "@jetsocket/pool";
// @ts-types="@types/ws"
import { WebSocket as NodeWebSocket, WebSocketServer } from "ws";
import { RawServer } from "../support/raw_server.ts";
import { nextEvent } from "./pool_events.ts";

/** An echo server of npm `ws`, with its numbers. */
class NodeServer implements AsyncDisposable {
  readonly #server: WebSocketServer;
  maxOpen = 0;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (socket) => {
      this.maxOpen = Math.max(this.maxOpen, server.clients.size);
      socket.on(
        "message",
        (data, isBinary) => socket.send(data, { binary: isBinary }),
      );
    });
  }

  static async start(): Promise<NodeServer> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    return new NodeServer(server);
  }

  get url(): string {
    const address = this.#server.address();
    assert(typeof address === "object" && address !== null);
    return `ws://127.0.0.1:${address.port}`;
  }

  /** Ends every connection with a code. */
  closeAll(code: number): void {
    for (const client of this.#server.clients) client.close(code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }
}

/** npm `ws` as a pool's `websocket.factory`. */
function nodeFactory(
  url: string,
  { protocols, headers }: { protocols: string[]; headers?: Headers },
): NodeWebSocket {
  return new NodeWebSocket(url, protocols, {
    headers: Object.fromEntries(headers ?? []),
    perMessageDeflate: false,
  });
}

Deno.test("npm ws as the server: 60 round trips over a pool of 3", async () => {
  await using server = await NodeServer.start();
  await using pool = new ConnectionPool<number, number>({
    baseUrl: server.url,
    maxConnections: 3,
  });
  const items = Array.from({ length: 60 }, (_, index) => index);
  const results = pool.map(
    items,
    (item) => `/${item % 5}`,
    async (conn, item) => {
      await conn.send(item);
      return await conn.receive();
    },
  );
  assertEquals(await Array.fromAsync(results), items);
  assert(server.maxOpen <= 3, `${server.maxOpen} sockets`);
});

Deno.test("npm ws as the server: its close ends the lease, the next acquire dials", async () => {
  await using server = await NodeServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url });
  const conn = await pool.acquire("/");
  server.closeAll(4000);
  const error = await assertRejects(() => conn.receive(), ConnectionLostError);
  assertEquals([error.closeCode, error.wasClean], [4000, true]);
  await conn.release();
  await using next = await pool.acquire("/");
  assertEquals(next.id, 2);
});

Deno.test("npm ws as the client: text, binary, subprotocol, headers, reuse", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool<unknown, string>({
    baseUrl: server.url(""),
    websocket: {
      factory: nodeFactory,
      protocols: ["a", "b"],
      headers: { "X-Client": "ws" },
      codec: "raw",
    },
  });
  for (const reused of [false, true]) {
    await using conn = await pool.acquire("/echo");
    assertEquals([conn.reused, conn.protocol], [reused, "a"]);
    await conn.send("text");
    assertEquals(await conn.receive(), "text");
    await conn.sendRaw(new Uint8Array([1, 2, 3]));
    const data = await conn.receive();
    assert(data instanceof ArrayBuffer, "binary comes as an ArrayBuffer");
    assertEquals(new Uint8Array(data), new Uint8Array([1, 2, 3]));
  }
  assertEquals(server.peers[0]?.request.headers.get("x-client"), "ws");
  assertEquals(server.total, 1);
});

Deno.test("npm ws as the client: a refused handshake, a reset, a clean close", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: { factory: nodeFactory },
  });
  await assertRejects(() => pool.acquire("/status/503"), ConnectError);

  const broken = await pool.acquire("/echo/1");
  const lost = nextEvent(pool, "lost");
  (await server.peer(1)).reset();
  const { reason, closeCode } = await lost;
  assertEquals([reason, closeCode], ["broken", 1006]);
  await broken.release();

  const ended = await pool.acquire("/echo/2");
  await (await server.peer(2)).close(1000);
  assertEquals(await Array.fromAsync(ended), []);
  await ended.release();
  assertEquals(pool.stats().retired.lost, 2);
});

Deno.test("F29 npm ws as the client: a close never answered ends by terminate, nothing lingers", async () => {
  await using server = await RawServer.start();
  const pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: { factory: nodeFactory, closeTimeout: 40 },
  });
  await pool.use("/no-close-answer", () => {});
  const report = await pool.close();
  assertEquals(report, { drained: 0, forced: 0, abandoned: 0 });
  await server.until(() => server.openTcp === 0);
});

Deno.test("F4 npm ws as the client: a handshake never answered ends at connectTimeout", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: { factory: nodeFactory, connectTimeout: 50 },
  });
  const error = await assertRejects(() => pool.acquire("/hang"), ConnectError);
  assertEquals(error.timedOut, true);
  await server.until(() => server.openTcp === 0);
});
