import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  ConnectionLostError,
  ConnectionPool,
  type ConnectionPoolConfig,
  HeartbeatTimeoutError,
} from "@jetsocket/pool";
import { opcodes } from "../support/frames.ts";
import type { RawPeer } from "../support/raw_peer.ts";
import { RawServer } from "../support/raw_server.ts";
import { openNodeWebSocket } from "./node_web_socket.ts";
import { nextEvent } from "./pool_events.ts";
import { TrackedSockets } from "./tracked_sockets.ts";
import { take, within } from "./within.ts";

/** What a shared, slow machine may add to any time. */
const SLACK = 4_000;

const isPing = (message: unknown) => message === "ping";

/** The first connection falls silent for good; later ones answer pings and chatter. */
async function freezeFirst(server: RawServer, peer: RawPeer): Promise<void> {
  await peer.accept();
  if (server.peers.length === 1) {
    peer.answersClose = false;
    return;
  }
  await peer.text("hello again");
  for (let answered = 0;; answered++) {
    await peer.until(() => peer.messages.filter(isPing).length > answered);
    await peer.text("pong");
  }
}

const finders = [
  {
    name: "a ping",
    heartbeat: {
      interval: 200,
      timeout: 100,
      ping: "ping",
      isPong: (message: string) => message === "pong",
    },
    after: 300,
  },
  {
    name: "maxSilence alone",
    heartbeat: { interval: 3_600_000, maxSilence: 300 },
    after: 300,
  },
] as const satisfies readonly {
  name: string;
  heartbeat: NonNullable<
    ConnectionPoolConfig<string, string>["websocket"]
  >["heartbeat"];
  after: number;
}[];

for (const { name, heartbeat, after } of finders) {
  Deno.test(`4.6 a frozen peer is found in time by ${name}: the lease is carried over, the old socket closed and counted as lingering`, async () => {
    const tracked = new TrackedSockets();
    {
      await using server = await RawServer.start({
        handler: (peer) => freezeFirst(server, peer),
      });
      await using pool = new ConnectionPool<string, string>({
        baseUrl: server.url(""),
        websocket: {
          codec: "text",
          heartbeat,
          reconnect: { minDelay: 10, maxDelay: 10 },
          factory: tracked.factory,
        },
      });
      const before = performance.now();
      await using conn = await pool.acquire("/");
      const acquired = performance.now();
      const { id } = conn;
      const { reason } = await nextEvent(pool, "reconnecting");
      const found = performance.now();
      assertEquals(reason, "heartbeat");
      assert(found - before >= after, `found after ${found - before} ms`);
      assert(
        found - acquired < 1.1 * after + SLACK,
        `found after ${found - acquired} ms`,
      );

      assertEquals(await take(conn, 1), ["hello again"]);
      await conn.send("mine");
      assertEquals([conn.id, conn.isConnected], [id, true]);
      assertEquals(pool.stats().lingeringSockets, 1);
      const frozen = await server.peer(0);
      await frozen.until(() => frozen.closeCode !== undefined);
      // Its end is all that the pool still waits for.
      const ended = new Promise((resolve) =>
        tracked.sockets[0]?.addEventListener("close", resolve)
      );
      frozen.reset();
      await within(ended);
      assertEquals(pool.stats().lingeringSockets, 0);
      assertEquals(conn.isConnected, true);
    }
    await tracked.allEnded();
  });

  Deno.test(`4.6 a frozen peer is found in time by ${name}: without reconnect the lease ends, and the error says why`, async () => {
    const tracked = new TrackedSockets();
    {
      await using server = await RawServer.start({
        handler: (peer) => freezeFirst(server, peer),
      });
      await using pool = new ConnectionPool<string, string>({
        baseUrl: server.url(""),
        websocket: {
          codec: "text",
          heartbeat,
          closeTimeout: 50,
          factory: tracked.factory,
        },
      });
      const before = performance.now();
      await using conn = await pool.acquire("/");
      const acquired = performance.now();
      const error = await assertRejects(
        () => within(Array.fromAsync(conn)),
        ConnectionLostError,
      );
      const found = performance.now();
      assert(found - before >= after, `found after ${found - before} ms`);
      assert(
        found - acquired < 1.1 * after + SLACK,
        `found after ${found - acquired} ms`,
      );
      assertInstanceOf(error.cause, HeartbeatTimeoutError);
      const { silence } = error.cause;
      assert(
        silence >= 100 && silence <= found - before,
        `a silence of ${silence} ms, found after ${found - before} ms`,
      );
      assertStrictEquals(conn.signal.reason, error);
      const frozen = await server.peer(0);
      await frozen.until(() => frozen.closeCode !== undefined);
      assertEquals(server.total, 1);
    }
    await tracked.allEnded();
  });
}

Deno.test("4.6 a peer that answers no ping but speaks is alive: its connection is left alone", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    websocket: {
      codec: "text",
      heartbeat: { interval: 200, timeout: 150, ping: "ping" },
      reconnect: { minDelay: 10, maxDelay: 10 },
    },
  });
  await using conn = await pool.acquire("/");
  const peer = await server.peer();
  const chatter = setInterval(() => peer.text("tick"), 20);
  try {
    // Four pings that were never answered as such.
    await peer.until(() => peer.messages.length === 4);
  } finally {
    clearInterval(chatter);
  }
  assertEquals(peer.messages, ["ping", "ping", "ping", "ping"]);
  assertEquals([server.total, conn.stats().reconnects], [1, 0]);
  assertEquals(conn.latency, undefined);
});

/** Knows commands in JSON and the bare word `ping`, as OKX does; all else is an error. */
async function bareWordVenue(peer: RawPeer): Promise<void> {
  await peer.accept();
  for (let read = 0;; read++) {
    await peer.until(() => peer.messages.length > read);
    const message = peer.messages[read];
    if (message === "ping") await peer.text("pong");
    else if (message === '{"op":"subscribe"}') await peer.text('{"data":1}');
    else await peer.close(4000, "unknown command");
  }
}

Deno.test("4.6 raw: the bare word `ping` beside the json codec, leased and idle", async () => {
  await using server = await RawServer.start({ handler: bareWordVenue });
  await using pool = new ConnectionPool<{ data: number }, { op: string }>({
    baseUrl: server.url(""),
    healthCheckInterval: 100,
    idleMessages: "retire",
    websocket: {
      heartbeat: {
        raw: true,
        interval: 100,
        timeout: 90,
        ping: "ping",
        isPong: (data) => data === "pong",
      },
    },
  });
  const pings = (peer: RawPeer) => peer.messages.filter(isPing).length;
  const conn = await pool.acquire("/");
  const peer = await server.peer();
  await peer.until(() => pings(peer) >= 3);
  await conn.send({ op: "subscribe" });
  // The pongs came first, and are not for the lease.
  assertEquals(await conn.receive(), { data: 1 });
  const { latency } = conn;
  assert(
    latency !== undefined && latency > 0 && latency < SLACK,
    `a latency of ${latency} ms`,
  );
  const { mean, last } = conn.stats().latency ?? {};
  assert(mean !== undefined && mean > 0 && mean < SLACK, `a mean of ${mean}`);
  assert(last !== undefined && last > 0, `last ${last}`);
  await conn.release();

  // An idle one is probed in the same words.
  const sent = pings(peer);
  const checked = await nextEvent(pool, "healthcheck");
  assertEquals(checked.reason, "passed");
  await peer.until(() => pings(peer) >= sent + 1);
  await using again = await pool.acquire("/");
  assertEquals([again.id, again.reused, server.total], [1, true, 1]);
  assertEquals(peer.closeCode, undefined);
});

/** Says `PING` to every peer each 50 ms and drops who owes it ten answers. */
class StrictVenue implements Disposable {
  readonly #said = new Map<RawPeer, number>();
  readonly #timer = setInterval(() => this.#turn(), 50);

  readonly handler = async (peer: RawPeer): Promise<void> => {
    await peer.accept();
    this.#said.set(peer, 0);
  };

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #turn(): void {
    for (const [peer, said] of this.#said) {
      const heard = peer.messages.filter((text) => text === "PONG").length;
      if (said - heard < 10) {
        this.#said.set(peer, said + 1);
        peer.text("PING");
      } else {
        this.#said.delete(peer);
        peer.close(4008, "no answer");
      }
    }
  }
}

Deno.test("4.6 reply: a server that says PING and drops who is silent keeps leased and idle ones", async () => {
  using venue = new StrictVenue();
  await using server = await RawServer.start({ handler: venue.handler });
  const answers = (peer: RawPeer) =>
    peer.messages.filter((text) => text === "PONG").length;
  await using silent = new ConnectionPool<string>({
    baseUrl: server.url(""),
    websocket: { codec: "text" },
  });
  const dropped = await silent.acquire("/silent");
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    idleMessages: "retire",
    websocket: {
      heartbeat: {
        raw: true,
        interval: 3_600_000,
        maxSilence: 3_600_000,
        reply: (data) => data === "PING" ? "PONG" : undefined,
      },
    },
  });
  const conn = await pool.acquire("/polite");
  const peer = await server.peer(1);
  await peer.until(() => answers(peer) >= 12);
  await peer.text('"for the lease"');
  assertEquals(await conn.receive(), "for the lease");
  await conn.release();
  await peer.until(() => answers(peer) >= 24);
  await using again = await pool.acquire("/polite");
  assertEquals([again.id, again.reused], [conn.id, true]);
  assertEquals(pool.stats().totalMessagesDropped, 0);

  // The same server has long dropped the one that never answered.
  const error = await assertRejects(
    () => within(Array.fromAsync(dropped)),
    ConnectionLostError,
  );
  assertEquals(error.closeCode, 4008);
});

Deno.test("4.6 npm ws: frame pings measure the latency, find a dead peer, and the socket is ended", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    websocket: {
      codec: "text",
      factory: openNodeWebSocket,
      closeTimeout: 50,
      heartbeat: { interval: 200, timeout: 150 },
      reconnect: { minDelay: 10, maxDelay: 10 },
    },
  });
  await using conn = await pool.acquire("/echo");
  const { id } = conn;
  const first = await server.peer(0);
  const pings = (peer: RawPeer) =>
    peer.frames.filter(({ opcode }) => opcode === opcodes.ping).length;
  await first.until(() => pings(first) >= 3);
  const { latency } = conn;
  assert(
    latency !== undefined && latency > 0 && latency < SLACK,
    `a latency of ${latency} ms`,
  );
  assertEquals([server.total, conn.stats().reconnects], [1, 0]);

  // From here on it reads nothing, and so answers nothing.
  first.pause();
  const paused = performance.now();
  const { reason } = await nextEvent(pool, "reconnecting");
  const elapsed = performance.now() - paused;
  assertEquals(reason, "heartbeat");
  assert(elapsed >= 100 && elapsed < 550 + SLACK, `found after ${elapsed} ms`);
  await conn.send("on the new socket");
  assertEquals(await conn.receive(), "on the new socket");
  assertEquals(conn.id, id);
  first.resume();
  await server.until(() => server.openTcp === 1);
});
