import { assert, assertEquals } from "@std/assert";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("3.1 connectRate counts sockets, however long their addresses take to resolve", async () => {
  let asked = 0;
  const open: (() => void)[] = [];
  await using virtual = createVirtualPool({
    connectRate: { limit: 3, interval: 400 },
    maxConnecting: 10,
    websocket: {
      resolveUrl: async ({ url }) => {
        if (++asked <= 3) await new Promise<void>((done) => open.push(done));
        return url;
      },
    },
  });
  const { pool, clock, network } = virtual;
  const leases = Array.from(
    { length: 6 },
    (_, number) => observe(pool.acquire(`/${number}`)),
  );
  await clock.advance(390);
  // The first three hold the places: nobody else is decided meanwhile.
  assertEquals([asked, network.dials.length], [3, 0]);
  const startedAt = clock.time;
  for (const done of open) done();
  await clock.settle();
  assertEquals(network.dials.length, 3);
  await clock.advance(399);
  assertEquals(network.dials.length, 3);
  await clock.advance(1);
  assertEquals(network.dials.length, 6);
  assert(network.dials.slice(3).every(({ at }) => at === startedAt + 400));
  assert(leases.every(({ state }) => state === "fulfilled"));
});

Deno.test("3.1 a dial whose address cannot be resolved leaves its place in connectRate", async () => {
  let asked = 0;
  await using virtual = createVirtualPool({
    connectRate: { limit: 1, interval: 60_000 },
    websocket: {
      resolveUrl: ({ url }) => {
        if (++asked === 1) throw new Error("no token");
        return url;
      },
    },
  });
  const { pool, clock, network } = virtual;
  const [first, second] = ["/a", "/b"].map((path) =>
    observe(pool.acquire(path))
  );
  await clock.settle();
  assertEquals([first?.state, second?.state], ["rejected", "fulfilled"]);
  assertEquals(network.dials.length, 1);
});
