import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  ConnectionLostError,
  ConnectionPool,
  type PooledConnection,
} from "@jetsocket/pool";
import { Program } from "../examples/program.ts";
import { standardLibraryFlags } from "../offline/flags.ts";
import type { RawPeer } from "../support/raw_peer.ts";
import { RawServer } from "../support/raw_server.ts";
import { nextEvent } from "./pool_events.ts";
import { seededRandom } from "./random.ts";
import { RestartingServer, type Tick } from "./restarting_server.ts";
import { TrackedSockets } from "./tracked_sockets.ts";
import { take, within } from "./within.ts";

const pause = (delay: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, delay));

/** One lease's stream, and what has come of it so far. */
class Stream {
  readonly conn: PooledConnection<Tick, string>;
  readonly ticks: Tick[] = [];
  /** Settles when the iteration ends. */
  readonly done: Promise<void>;
  #stopLife = Infinity;
  #wanted: { life: number; seen: () => void } | undefined;

  constructor(conn: PooledConnection<Tick, string>) {
    this.conn = conn;
    this.done = this.#read();
  }

  /** Resolves once a tick of a life of the server has come. */
  sees(life: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.ticks.at(-1)?.life === life) resolve();
    else this.#wanted = { life, seen: resolve };
    // A stream that ends early fails the test at once, not at its time limit.
    return within(Promise.race([promise, this.done]));
  }

  /** Ends the iteration at a life's first tick. */
  stopAt(life: number): void {
    this.#stopLife = life;
  }

  async #read(): Promise<void> {
    for await (const tick of this.conn) {
      this.ticks.push(tick);
      if (tick.life === this.#wanted?.life) this.#wanted.seen();
      if (tick.life >= this.#stopLife) break;
    }
  }
}

/** The most dials that a backoff of 10, 20, 40, 50, 50... ms allows in a time. */
function dialsWithin(elapsed: number): number {
  let dials = 1;
  for (let delay = 10; elapsed >= delay; delay = Math.min(50, 2 * delay)) {
    elapsed -= delay;
    dials++;
  }
  return dials;
}

Deno.test("4.5 three streams outlive a server killed and restarted ten times at random", async () => {
  const random = seededRandom(20_261_123);
  const tracked = new TrackedSockets();
  const paths = ["/btcusdt", "/ethusdt", "/solusdt"];
  const kills = 10;
  const startedAt = performance.now();
  {
    await using server = await RestartingServer.start();
    await using pool = new ConnectionPool<Tick, string>({
      baseUrl: server.url,
      websocket: {
        // Delays of at least 10, 20, 40, 50, 50... ms, never forgotten.
        reconnect: { minDelay: 20, maxDelay: 100, jitter: 0.5 },
        onOpen: (conn) => conn.send("subscribe"),
        factory: tracked.factory,
      },
    });
    const conns = await Promise.all(paths.map((path) => pool.acquire(path)));
    const ids = conns.map(({ id }) => id);
    const streams = conns.map((conn) => new Stream(conn));

    let waitedFor = 0;
    for (let kill = 0; kill < kills; kill++) {
      // Every second life is long enough for all; the others end at random.
      if (kill % 2 === 0) {
        await Promise.all(streams.map((stream) => stream.sees(kill)));
        waitedFor++;
      }
      await pause(150 * random());
      await server.kill();
      await pause(150 * random());
      await server.restart();
    }
    for (const stream of streams) stream.stopAt(kills);
    await within(Promise.all(streams.map((stream) => stream.done)));
    const elapsed = performance.now() - startedAt;

    assertEquals(conns.map(({ id }) => id), ids);
    assertEquals(conns.map(({ isConnected }) => isConnected), [
      true,
      true,
      true,
    ]);
    for (const { conn, ticks } of streams) {
      const order = ticks.map(({ life, count }) => life * 1e6 + count);
      assertEquals(order, [...new Set(order)].sort((a, b) => a - b));
      const { reconnects } = conn.stats();
      assert(
        reconnects >= waitedFor && reconnects <= kills,
        `${reconnects} reconnects, ${waitedFor} to ${kills} were due`,
      );
    }
    const { totalConnections, totalAcquired, totalReconnects } = pool.stats();
    assertEquals([totalConnections, totalAcquired], [3, 3]);
    assertEquals(
      totalReconnects,
      conns.reduce((sum, conn) => sum + conn.stats().reconnects, 0),
    );
    for (const path of paths) {
      const dials = tracked.sockets.filter(({ url }) => url.endsWith(path));
      const most = dialsWithin(elapsed);
      assert(
        dials.length > waitedFor && dials.length <= most,
        `${dials.length} dials of ${path}, ${waitedFor + 1} to ${most} allowed`,
      );
    }
  }
  await tracked.allEnded();
});

Deno.test("4.5 onOpen and then the lease's onReconnect renew their subscriptions, before anything else is sent", async () => {
  await using server = await RawServer.start();
  const opened: unknown[] = [];
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    websocket: {
      codec: "text",
      reconnect: { minDelay: 20, maxDelay: 50 },
      onOpen: async (conn, { reconnected }) => {
        opened.push(reconnected);
        await conn.send("login");
      },
    },
  });
  const conn = await pool.acquire("/echo", {
    onReconnect: async (hook) => {
      await hook.send("subscribe trades");
      assertEquals(await hook.receive(), "login");
      assertEquals(await hook.receive(), "subscribe trades");
    },
  });
  assertEquals(await conn.receive(), "login");
  await conn.send("subscribe trades");
  assertEquals(await conn.receive(), "subscribe trades");

  const reading = conn.receive();
  const reconnecting = nextEvent(pool, "reconnecting");
  const first = await server.peer(0);
  first.reset();
  assertEquals((await reconnecting).reason, "lost");
  assertEquals(conn.trySend("too early"), false);
  // Waits for the new socket, and its echo ends the read that waits.
  await conn.send("order");
  assertEquals(await reading, "order");
  assertEquals(opened, [false, true]);
  assertEquals(server.peers[1]?.messages, [
    "login",
    "subscribe trades",
    "order",
  ]);

  // The subscription was the lease's: the next one does not inherit it.
  await conn.release();
  await using next = await pool.acquire("/echo");
  assertEquals([next.id, next.reused], [conn.id, true]);
  const back = nextEvent(pool, "reconnect");
  (await server.peer(1)).reset();
  await back;
  const third = await server.peer(2);
  await next.send("order");
  await third.until(() => third.messages.length === 2);
  assertEquals(third.messages, ["login", "order"]);
});

Deno.test("4.5 a send that waited for the new socket has the reconnect behind it: release returns the connection", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    websocket: { codec: "text", reconnect: { minDelay: 20, maxDelay: 50 } },
  });
  const conn = await pool.acquire("/echo");
  const { id } = conn;
  const reconnecting = nextEvent(pool, "reconnecting");
  (await server.peer(0)).reset();
  await reconnecting;
  await conn.send("order");
  assertEquals(conn.stats().reconnects, 1);
  assertEquals(pool.stats().totalReconnects, 1);
  await conn.release();
  await using again = await pool.acquire("/echo");
  assertEquals([again.id, again.reused], [id, true]);
  assertEquals(server.total, 2);
});

/** Ends the first connection of each path as the path says, once the lease has spoken, and keeps the next. */
function endsFirst(): (peer: RawPeer) => Promise<void> {
  const known = new Set<string>();
  return async (peer) => {
    await peer.accept();
    const isFirst = !known.has(peer.path);
    known.add(peer.path);
    await peer.text(isFirst ? "first" : "second");
    if (!isFirst) return;
    await peer.until(() => peer.messages.length > 0);
    const how = peer.path.slice(1);
    if (how === "reset") peer.reset();
    else if (how === "fin") peer.fin();
    else await peer.close(Number(how), "scripted");
  };
}

Deno.test("4.5 closes 1000, 1001, 1011, 1012, 1013, a FIN and a reset are carried over", async () => {
  await using server = await RawServer.start({ handler: endsFirst() });
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    websocket: { codec: "text", reconnect: { minDelay: 20, maxDelay: 50 } },
  });
  const ends = ["1000", "1001", "1011", "1012", "1013", "fin", "reset"];
  await Promise.all(ends.map(async (end) => {
    await using conn = await pool.acquire(`/${end}`);
    const { id } = conn;
    await conn.send("go");
    const messages = await take(conn, 2);
    assertEquals([end, ...messages], [end, "first", "second"]);
    // The message may come before the new socket is handed to the lease.
    await conn.send("again");
    assertEquals([conn.id, conn.isConnected], [id, true]);
    assertEquals(conn.stats().reconnects, 1);
  }));
  assertEquals(server.total, 2 * ends.length);
});

Deno.test("4.5 close 1008, 4401 and 4403 are fatal: what came is read, the lease ends, nothing is dialled", async () => {
  await using server = await RawServer.start({ handler: endsFirst() });
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    websocket: { codec: "text", reconnect: { minDelay: 1, maxDelay: 1 } },
  });
  await Promise.all([1008, 4401, 4403].map(async (code) => {
    await using conn = await pool.acquire(`/${code}`);
    await conn.send("go");
    const messages: string[] = [];
    const reading = async () => {
      for await (const message of conn) messages.push(message);
    };
    const error = await assertRejects(
      () => within(reading()),
      ConnectionLostError,
    );
    assertEquals(messages, ["first"]);
    assertEquals([error.closeCode, error.closeReason, error.wasClean], [
      code,
      "scripted",
      true,
    ]);
    assertStrictEquals(conn.signal.reason, error);
    assertEquals(conn.isConnected, false);
  }));
  // A redial would have come after 1 ms; these two dials take longer.
  const other = await pool.acquire("/1000");
  await other.send("go");
  assertEquals(await take(other, 2), ["first", "second"]);
  await other.release();
  assertEquals(server.peers.map(({ path }) => path).sort(), [
    "/1000",
    "/1000",
    "/1008",
    "/4401",
    "/4403",
  ]);
});

Deno.test("4.5 rotation: the server sees close 1000 and then the next connection; the stream goes on", async () => {
  /** The close code of the connection before, as each new one arrives. */
  const before: (number | undefined)[] = [];
  await using server = await RawServer.start({
    handler: async (peer) => {
      before.push(server.peers.at(-2)?.closeCode);
      await peer.accept();
      await peer.text(String(before.length));
    },
  });
  const maxLifetime = 300;
  await using pool = new ConnectionPool<string, string>({
    baseUrl: server.url(""),
    maxLifetime,
    // Far beyond the test: a rotation is no failure, and backs off from nothing.
    websocket: {
      codec: "text",
      reconnect: { minDelay: 600_000, maxDelay: 600_000, jitter: 0 },
    },
  });
  const begun: string[] = [];
  const done: string[] = [];
  pool.addEventListener("reconnecting", ({ reason }) => begun.push(reason));
  pool.addEventListener("reconnect", ({ reason }) => done.push(reason));
  const startedAt = performance.now();
  await using conn = await pool.acquire("/");
  const messages = await take(conn, 3);
  const elapsed = performance.now() - startedAt;
  assertEquals(messages, ["1", "2", "3"]);
  assertEquals(before, [undefined, 1000, 1000]);
  // Its message may come before the new socket is handed to the lease.
  await conn.send("here");
  assertEquals([begun, done], [
    ["rotation", "rotation"],
    ["rotation", "rotation"],
  ]);
  // Each life is shorter by up to 10 %.
  const least = 2 * 0.9 * maxLifetime;
  assert(elapsed >= least && elapsed < least + 5_000, `took ${elapsed} ms`);
  assertEquals(conn.id, 1);
  const { totalConnections, totalReconnects } = pool.stats();
  assertEquals([totalConnections, totalReconnects], [1, 2]);
  assertEquals(server.maxOpen, 1);
});

for (const stage of ["backoff", "dial"]) {
  Deno.test(`4.8 a script exits by itself after \`await using pool\` in the middle of a reconnect: ${stage}`, async () => {
    await using server = await RawServer.start({
      handler: async (peer) => {
        // The second and later handshakes are never answered.
        if (server.peers.length > 1) return;
        await peer.accept();
        await peer.until(() => peer.messages.length > 0);
        peer.reset();
      },
    });
    const path = "tests/integration/programs/reconnecting.ts";
    await using program = new Program(Deno.execPath(), [
      "run",
      "--quiet",
      "-A",
      ...await standardLibraryFlags(),
      path,
      server.url(""),
      stage,
    ]);
    const { code, stdout, stderr } = await program.end();
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertEquals(stdout.trimEnd().split("\n"), [
      `leaving after ${stage === "dial" ? 2 : 1} dials`,
      "POOL_CLOSED",
      "POOL_CLOSED",
      "left the block",
    ]);
    await server.until(() => server.openTcp === 0);
  });
}
