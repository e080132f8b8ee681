/**
 * Processes that are stopped and continued: the server's, and the pool's own.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectError, ConnectionPool } from "@jetsocket/pool";
import { Program } from "../examples/program.ts";
import { nextEvent, untilPool } from "../integration/pool_events.ts";
import { TrackedSockets } from "../integration/tracked_sockets.ts";
import { within } from "../integration/within.ts";
import { standardLibraryFlags } from "../offline/flags.ts";
import type { RawPeer } from "../support/raw_peer.ts";
import { RawServer } from "../support/raw_server.ts";
import { ServerProcess } from "./server_process.ts";

/** What a shared, slow machine may add to any time. */
const SLACK = 4_000;

const pause = (delay: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, delay));

/** A pool that finds a silent peer within 550 ms. */
function createPool(port: number, tracked: TrackedSockets) {
  return new ConnectionPool<string, string>({
    baseUrl: `ws://127.0.0.1:${port}`,
    maxConnections: 3,
    healthCheckInterval: 300,
    healthCheckTimeout: 250,
    websocket: {
      codec: "text",
      connectTimeout: 300,
      closeTimeout: 100,
      reconnect: { minDelay: 10, maxDelay: 50, jitter: 0 },
      heartbeat: {
        interval: 300,
        timeout: 250,
        raw: false,
        ping: "ping",
        isPong: (message) => message === "ping",
      },
      factory: tracked.factory,
    },
  });
}

Deno.test("F28 F29 a server process that is stopped and continued: found by heartbeat, probe and connectTimeout, and used again", async () => {
  const tracked = new TrackedSockets();
  await using server = await ServerProcess.start();
  await using pool = createPool(server.port, tracked);
  const conn = await pool.acquire("/leased");
  const { id } = conn;
  await pool.use("/idle", () => {});

  const lost = nextEvent(pool, "reconnecting");
  const retired = nextEvent(pool, "retire");
  const failed = nextEvent(pool, "connectfailed");
  const stopped = performance.now();
  server.stop();
  assertEquals(
    [(await lost).reason, (await retired).reason],
    ["heartbeat", "probe"],
  );
  const found = performance.now() - stopped;
  // A ping may have been answered just before.
  assert(found >= 200 && found < 600 + SLACK, `found after ${found} ms`);
  // The kernel takes the connection, nobody answers the handshake.
  assertEquals((await failed).error.timedOut, true);
  const error = await assertRejects(
    () => pool.acquire("/other", { timeout: 400 }),
    ConnectError,
  );
  assertEquals([error.phase, error.timedOut], ["dial", true]);
  await untilPool(pool, () => pool.stats().lingeringSockets > 0);
  assert(pool.stats().lingeringSockets <= 3);

  const back = nextEvent(pool, "reconnect");
  server.resume();
  await back;
  await conn.send("hello");
  assertEquals(await conn.receive({ timeout: 20_000 }), "hello");
  assertEquals([conn.id, conn.signal.aborted], [id, false]);
  await conn.release();
  await pool.use("/idle", () => {});
  await within(pool.close());
  await within(tracked.allEnded());
});

Deno.test("4.8 F29 close while the server process is stopped: bounded, abandoned sockets end with the process", async () => {
  const tracked = new TrackedSockets();
  await using server = await ServerProcess.start();
  await using pool = createPool(server.port, tracked);
  await pool.acquire("/leased");
  await pool.use("/idle", () => {});
  server.stop();
  const began = performance.now();
  const { forced, abandoned } = await within(pool.close());
  const took = performance.now() - began;
  assertEquals([forced, abandoned], [1, 2]);
  assert(took >= 99 && took < 100 + SLACK, `close took ${took} ms`);
  await server.kill();
  await within(tracked.allEnded());
});

Deno.test("4.7 F73 F74 the pool's own process stopped and continued: one re-validation, nothing expires, nobody is lost", async () => {
  const each = 3;
  await using server = await RawServer.start();
  await using program = new Program(Deno.execPath(), [
    "run",
    "--quiet",
    "-A",
    ...await standardLibraryFlags(),
    "tests/faults/programs/pool.ts",
    server.url(""),
    String(each),
  ]);
  await program.until(/ready\n/);
  const { peers } = server;
  const pings = ({ messages }: RawPeer) =>
    messages.filter((message) => message === "ping").length;
  // In the middle of things: some have asked and not heard the answer.
  await server.until(() => peers.some((peer) => pings(peer) > 0));
  program.signal("SIGSTOP");
  await pause(3_000);
  const before = peers.map(pings);
  program.signal("SIGCONT");
  const since = () =>
    peers.map((peer, index) => pings(peer) - (before[index] ?? 0));
  await server.until(() => since().every((count) => count >= 1));
  const counts = since();
  assert(counts.every((count) => count <= 2), `${counts} pings`);
  await peers[0]?.text("end");
  const { stdout, stderr } = await program.end();
  assertEquals(stderr, "");
  assertEquals(JSON.parse(stdout.split("\n")[1] ?? ""), {
    events: [],
    activeConnections: each,
    idleConnections: each,
    totalReconnects: 0,
  });
  assertEquals(server.total, 2 * each);
});
