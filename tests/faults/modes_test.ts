/**
 * Every fault in every state of a connection, on real sockets: what becomes of
 * the connection, that the pool recovers once the fault is over, and that
 * `close` keeps to its time while the fault lasts.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ConnectError,
  type ConnectionPoolConfig,
  type PooledConnection,
} from "@jetsocket/pool";
import { pass } from "../support/fault_flow.ts";
import { nextEvent, untilPool } from "../integration/pool_events.ts";
import { within } from "../integration/within.ts";
import { type Mode, modes } from "./modes.ts";
import { type Pool, Scene } from "./scene.ts";

type Lease = PooledConnection<string, string>;
type Config = ConnectionPoolConfig<string, string>;

const STATES = ["idle", "leased", "connecting", "closing"] as const;
type State = typeof STATES[number];

/** What a shared, slow machine may add to any time. */
const SLACK = 4_000;

/** How a pool keeps time where nothing but time tells, and where it must not matter. */
const SHORT = { interval: 300, timeout: 250, connect: 800, close: 200 };
const LONG = {
  interval: 60_000,
  timeout: 10_000,
  connect: 60_000,
  close: 60_000,
};

function timesOf({ isSilent }: Mode): typeof SHORT {
  return isSilent ? SHORT : LONG;
}

/** One connection at a time, so that a slot that is not given back is missed. */
function configFor(mode: Mode, reconnect: boolean): Config {
  const { interval, timeout, connect, close } = timesOf(mode);
  return {
    maxConnections: 1,
    acquireTimeout: 60_000,
    healthCheckInterval: interval,
    healthCheckTimeout: timeout,
    websocket: {
      codec: "text",
      connectTimeout: connect,
      closeTimeout: close,
      reconnect: reconnect && { minDelay: 10, maxDelay: 50, jitter: 0 },
      heartbeat: {
        interval,
        timeout,
        raw: false,
        // The server echoes it.
        ping: "ping",
        isPong: (message) => message === "ping",
      },
    },
  };
}

async function echoes(conn: Lease): Promise<void> {
  await conn.send("hello");
  assertEquals(await conn.receive({ timeout: 10_000 }), "hello");
}

/** Limits short enough to find a fault may find one on a slow machine without any. */
async function patiently(
  { isSilent }: Mode,
  act: () => Promise<void>,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!isSilent || attempt === 10) throw error;
    }
  }
}

/** Has a handshake under way, and holds it up there. */
async function beginDial(scene: Scene, pool: Pool): Promise<Promise<Lease>[]> {
  scene.hold();
  const acquire = pool.acquire("/");
  await scene.proxy.until(() => scene.proxy.established === 1);
  return [acquire];
}

/** Has a close under way, and holds its frame up. */
async function beginClose(scene: Scene, pool: Pool): Promise<void> {
  const conn = await pool.acquire("/");
  scene.hold();
  await conn.discard();
  assertEquals(pool.stats().closingConnections, 1);
}

/** The pool serves again, and when it is closed nothing is left, here or at the server. */
async function recovers(scene: Scene, pool: Pool, mode: Mode): Promise<void> {
  await scene.mend();
  // Ends the backoff, which would only cost the test time.
  if (pool.stats().idleConnections === 0) pool.clear();
  await patiently(mode, () => within(pool.use("/", echoes)));
  await scene.settled();
  assertEquals(pool.stats().lingeringSockets, 0);
  const abandoned = await closeInTime(pool, mode);
  // A short `closeTimeout` may be too short for a slow machine.
  if (!mode.isSilent) assertEquals(abandoned, 0);
  await leavesNothing(scene, pool, mode);
}

/** @returns How many sockets were abandoned */
async function closeInTime(pool: Pool, mode: Mode): Promise<number> {
  const began = performance.now();
  const { abandoned } = await within(pool.close());
  const took = performance.now() - began;
  const limit = mode.isSilent ? timesOf(mode).close + SLACK : SLACK;
  assert(took < limit, `close took ${took} ms`);
  return abandoned;
}

async function leavesNothing(
  scene: Scene,
  pool: Pool,
  { isSilent }: Mode,
): Promise<void> {
  await scene.emptied();
  const stats = pool.stats();
  const gauges = [
    stats.activeConnections,
    stats.idleConnections,
    stats.connectingConnections,
    stats.closingConnections,
    stats.waiting,
  ];
  assertEquals(gauges, [0, 0, 0, 0, 0]);
  // One may linger beside the one that `maxConnections` allows.
  const { maxEstablished } = scene.proxy;
  assert(maxEstablished <= (isSilent ? 2 : 1), `${maxEstablished} at once`);
}

const meets: Readonly<
  Record<State, (scene: Scene, pool: Pool, mode: Mode) => Promise<void>>
> = {
  async idle(scene, pool, mode) {
    const { id } = await pool.use("/", (conn) => conn);
    const isKept = mode.idle === "kept";
    const retired = isKept ? undefined : nextEvent(pool, "retire");
    await mode.strike(scene);
    assertEquals((await retired)?.reason ?? "kept", mode.idle);
    if (!isKept) return;
    await using conn = await pool.acquire("/");
    await echoes(conn);
    assertEquals([conn.id, conn.reused], [id, true]);
  },

  async leased(scene, pool, mode) {
    await using conn = await pool.acquire("/");
    await echoes(conn);
    const { id } = conn;
    const isKept = mode.leased === "kept";
    const lost = isKept ? undefined : nextEvent(pool, "reconnecting");
    await mode.strike(scene);
    assertEquals((await lost)?.reason ?? "kept", mode.leased);
    if (!isKept) {
      // The redials meet the fault as well, and are tried again.
      const failures = mode.isSilent ? 1 : 2;
      await untilPool(
        pool,
        () => pool.stats().totalConnectFailures >= failures,
      );
      const back = nextEvent(pool, "reconnect");
      await scene.mend();
      await back;
    }
    await patiently(mode, () => echoes(conn));
    assertEquals([conn.id, conn.signal.aborted], [id, false]);
    const { reconnects } = conn.stats();
    assert(isKept ? reconnects === 0 : reconnects >= 1, `${reconnects}`);
  },

  async connecting(scene, pool, mode) {
    const began = performance.now();
    const [acquire] = await beginDial(scene, pool);
    assert(acquire !== undefined);
    if (mode.connecting === "opens") {
      await mode.strike(scene);
      await (await within(acquire)).release();
      return;
    }
    const answered = assertRejects(() => acquire, ConnectError);
    await mode.strike(scene);
    const error = await within(answered);
    const took = performance.now() - began;
    const timedOut = mode.connecting === "times out";
    assertEquals(
      [error.phase, error.timedOut, error.fatal, error.attempts],
      ["dial", timedOut, false, 1],
    );
    const { connect } = SHORT;
    assert(
      took >= (timedOut ? connect - 1 : 0) && took < connect + SLACK,
      `answered after ${took} ms`,
    );
  },

  async closing(scene, pool, mode) {
    const began = performance.now();
    await beginClose(scene, pool);
    const next = pool.acquire("/", { timeout: 10_000 });
    const answered = next.then((conn) => conn.release(), () => {});
    await mode.strike(scene);
    // The next dial, or its failure, says that the slot has come back.
    await Promise.race([
      scene.proxy.until(() => scene.proxy.total === 2),
      answered,
    ]);
    const took = performance.now() - began;
    const lingers = mode.closing === "lingers";
    assertEquals(pool.stats().lingeringSockets, lingers ? 1 : 0);
    const { close } = SHORT;
    assert(
      took >= (lingers ? close - 1 : 0) && took < close + SLACK,
      `the slot came back after ${took} ms`,
    );
    await scene.mend();
    await answered;
  },
};

/** Brings the pool into the state, for a close that finds it there. */
const enter: Readonly<
  Record<State, (scene: Scene, pool: Pool) => Promise<unknown>>
> = {
  idle: (_scene, pool) => pool.use("/", () => {}),
  leased: (_scene, pool) => pool.acquire("/"),
  async connecting(scene, pool) {
    const [acquire] = await beginDial(scene, pool);
    acquire?.catch(() => {});
  },
  closing: beginClose,
};

for (const mode of modes) {
  for (const state of STATES) {
    Deno.test(`${mode.name} while ${state}: ${mode[state]}, and the pool recovers`, async () => {
      await using scene = await Scene.open(mode.where ?? "here");
      await using pool = scene.createPool(configFor(mode, state === "leased"));
      await meets[state](scene, pool, mode);
      await recovers(scene, pool, mode);
    });

    Deno.test(`4.8 close during ${mode.name} while ${state} keeps to closeTimeout`, async () => {
      await using scene = await Scene.open(mode.where ?? "here");
      await using pool = scene.createPool(configFor(mode, state === "leased"));
      await enter[state](scene, pool);
      await mode.strike(scene);
      const abandoned = await closeInTime(pool, mode);
      // A handshake can be given up at once, an open socket cannot.
      const isMute = mode.isSilent && state !== "connecting";
      assertEquals(abandoned, isMute ? 1 : 0);
      scene.proxy.set(pass);
      await leavesNothing(scene, pool, mode);
    });
  }
}
