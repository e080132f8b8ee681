import { assertEquals } from "@std/assert";
import {
  createVirtualPool,
  observe,
  type VirtualPool,
} from "../../support/virtual_pool.ts";

/** What came in, and what of it was told to have reached no reader. */
async function count(
  { pool, clock }: VirtualPool<unknown, unknown>,
  gaps: readonly string[],
): Promise<unknown[]> {
  await clock.settle();
  const { totalMessagesReceived, totalMessagesDropped } = pool.stats();
  return [totalMessagesReceived, totalMessagesDropped, gaps];
}

/** A pool whose `onOpen` waits until the test ends it. */
function createSlowPool(websocket: { reconnect?: boolean } = {}) {
  const open = Promise.withResolvers<void>();
  const virtual = createVirtualPool({
    websocket: { ...websocket, onOpen: () => open.promise },
  });
  const gaps: string[] = [];
  virtual.pool.addEventListener("gap", ({ reason }) => void gaps.push(reason));
  return { virtual, gaps, endHook: () => open.resolve() };
}

Deno.test("4.4 what came in during a dial that clear makes useless is counted as dropped", async () => {
  const { virtual, gaps, endHook } = createSlowPool();
  await using _virtual = virtual;
  const acquired = observe(virtual.pool.acquire("/a"));
  await virtual.clock.settle();
  virtual.network.last.message("1");
  virtual.pool.clear();
  endHook();
  assertEquals(await count(virtual, gaps), [1, 1, ["unread"]]);
  assertEquals(acquired.state, "fulfilled");
  assertEquals(virtual.network.dials.length, 2);
});

Deno.test("4.4 what came in during a dial whose socket closes with its last hook is counted as dropped", async () => {
  const { virtual, gaps, endHook } = createSlowPool();
  await using _virtual = virtual;
  const acquired = observe(virtual.pool.acquire("/a", { timeout: 100 }));
  await virtual.clock.settle();
  const { last: socket } = virtual.network;
  socket.message("1");
  endHook();
  socket.peerClose(1_000);
  assertEquals(await count(virtual, gaps), [1, 1, ["unread"]]);
  assertEquals(acquired.state, "rejected");
});

Deno.test("4.4 what came in during a redial whose lease has ended is counted as dropped", async () => {
  for (const turns of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    let hooks = 0;
    const redial = Promise.withResolvers<void>();
    await using virtual = createVirtualPool({
      websocket: {
        reconnect: true,
        onOpen: () => ++hooks === 1 ? undefined : redial.promise,
      },
    });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    network.last.reset();
    await clock.advance(1_000);
    assertEquals(hooks, 2);
    network.last.message("1");
    redial.resolve();
    // The release overtakes the hook's end on its way, at any of its stations.
    for (let turn = 0; turn < turns; turn++) await undefined;
    void conn.release();
    await clock.settle();
    const { totalMessagesReceived, totalMessagesDropped } = pool.stats();
    assertEquals([totalMessagesReceived, totalMessagesDropped], [1, 1]);
  }
});
