import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  InboxOverflowError,
  LeaseReleasedError,
  PoolClosedError,
} from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import {
  createVirtualPool,
  observe,
  type VirtualPool,
} from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** With `random: () => 0.5` the first redial starts half of `minDelay` after a loss. */
const FIRST_DELAY = 500;

/** Brings a lease with `reconnect` into a stage between two sockets. */
interface Stage {
  readonly name: string;
  reach(virtual: VirtualPool<unknown, unknown>): Promise<void>;
}

let hangs = false;
const never = () => new Promise<never>(() => {});

const STAGES: Stage[] = [
  {
    name: "queued",
    reach: async ({ network, clock }) => {
      network.last.reset();
      await clock.settle();
    },
  },
  {
    name: "resolving",
    reach: async ({ network, clock }) => {
      hangs = true;
      network.last.reset();
      await clock.advance(FIRST_DELAY);
      assertEquals(network.dials.length, 1);
    },
  },
  {
    name: "dialling",
    reach: async ({ network, clock }) => {
      network.behaviour = "hang";
      network.last.reset();
      await clock.advance(FIRST_DELAY);
      assertEquals(network.connecting, 1);
    },
  },
  {
    name: "in onOpen",
    reach: async ({ network, clock }) => {
      network.last.reset();
      await clock.advance(FIRST_DELAY - 1);
      hangs = true;
      network.behaviour = (socket) => {
        hangs = false;
        queueMicrotask(() => {
          hangs = true;
          socket.open();
        });
      };
      hangs = false;
      await clock.advance(1);
      assertEquals([network.connecting, network.live], [0, 1]);
    },
  },
];

function createStagedPool(
  runtime: RuntimeName,
): VirtualPool<unknown, unknown> {
  hangs = false;
  return createVirtualPool({
    maxConnections: 1,
    websocket: {
      reconnect: true,
      resolveUrl: ({ url }) => hangs ? never() : url,
      onOpen: () => hangs ? never() : undefined,
    },
  }, { runtime });
}

/** Asserts that the pool can do what a new one can, and then holds no timer. */
async function assertUsable(
  { pool, clock, network }: VirtualPool<unknown, unknown>,
): Promise<void> {
  hangs = false;
  network.behaviour = "open";
  const next = observe(pool.acquire("/other"));
  await clock.settle();
  assertEquals(next.state, "fulfilled");
  const { activeConnections, connectingConnections } = pool.stats();
  assertEquals([activeConnections, connectingConnections], [1, 0]);
  assertEquals(network.live, 1);
  await next.value.discard();
  await clock.advance(120_000);
  assertEquals([network.live, clock.pending], [0, 0]);
  for (const socket of network.sockets) {
    assertEquals(socket.listenerCount(), 0);
  }
}

Deno.test("4.5 4.11 release and discard in every stage of a reconnect are immediate and leak nothing", async () => {
  for (const runtime of RUNTIMES) {
    for (const stage of STAGES) {
      for (const way of ["release", "discard"] as const) {
        await using virtual = createStagedPool(runtime);
        const { pool, clock } = virtual;
        const conn = await pool.acquire("/a");
        const reader = observe(conn.receive());
        await stage.reach(virtual);
        const sender = observe(conn.send("x"));
        const released = observe(conn[way]());
        assertEquals(pool.stats().activeConnections, 0, stage.name);
        await clock.settle();
        assertEquals(released.state, "fulfilled", stage.name);
        assertInstanceOf(reader.reason, LeaseReleasedError, stage.name);
        assertInstanceOf(sender.reason, LeaseReleasedError, stage.name);
        assertEquals(pool.stats().totalReleased, 1);
        await assertUsable(virtual);
        assertEquals(pool.stats().totalReconnects, 0);
      }
    }
  }
});

Deno.test("4.5 4.8 close in every stage of a reconnect is immediate and leaks nothing", async () => {
  for (const runtime of RUNTIMES) {
    for (const stage of STAGES) {
      for (const drainTimeout of [0, 60_000]) {
        await using virtual = createStagedPool(runtime);
        const { pool, clock, network } = virtual;
        const conn = await pool.acquire("/a");
        const reader = observe(conn.receive());
        await stage.reach(virtual);
        const closed = observe(pool.close({ drainTimeout }));
        await clock.settle();
        assertEquals(
          closed.value,
          { drained: 0, forced: 1, abandoned: 0 },
          stage.name,
        );
        assertInstanceOf(reader.reason, PoolClosedError);
        assertEquals([clock.pending, network.live], [0, 0]);
      }
    }
  }
});

Deno.test("4.11 clear in the middle of a reconnect forgets the backoff; the lease lives and is retired on release", async () => {
  await using virtual = createVirtualPool({ websocket: { reconnect: true } });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  network.last.reset();
  pool.clear();
  await clock.settle();
  assertEquals([conn.isConnected, network.dials.length], [true, 2]);
  await conn.release();
  await clock.settle();
  assertEquals(pool.stats().retired.cleared, 1);
});

Deno.test("4.11 what came before an overflow is read, also if the redial had begun by the time it was judged", async () => {
  await using virtual = createVirtualPool<string, string>({
    websocket: {
      codec: "text",
      reconnect: { minDelay: 1, jitter: 0 },
      inbox: { capacity: 2 },
    },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  // Right after a standstill nothing is declared due for a while: then the redial and the judgement are so together.
  clock.jump(5_000);
  await clock.advance(1);
  for (const text of ["1", "2", "3"]) network.last.message(text);
  network.last.reset();
  await clock.advance(100);
  const read = [await conn.receive(), await conn.receive()];
  assertEquals([...read, await conn.receive()], ["1", "2", "3"]);
  await assertRejects(() => conn.receive(), InboxOverflowError);
});
