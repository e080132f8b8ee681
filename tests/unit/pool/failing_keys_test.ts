import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { ConnectError, PoolExhaustedError } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];
const DEAD = ["/dead1", "/dead2", "/dead3", "/dead4"];

Deno.test("4.3 F80 four dead keys, refusing or hanging, and one healthy: the healthy one is served at once", async () => {
  for (const runtime of RUNTIMES) {
    for (const death of ["refuse", "hang"] as const) {
      for (const reconnect of [false, true]) {
        await using virtual = createVirtualPool({
          maxConnections: 10,
          acquireTimeout: 120_000,
          websocket: { reconnect },
        }, { runtime });
        const { pool, clock, network } = virtual;
        for (const path of DEAD) network.behave(path, death);
        // Found dead once; from then on somebody always wants them.
        for (const path of DEAD) observe(pool.acquire(path));
        await clock.advance(5_000);
        let isOver = false;
        const loops = DEAD.map(async (path) => {
          while (!isOver && !pool.closed) {
            await pool.acquire(path).catch(() => {});
          }
        });
        for (let round = 0; round < 50; round++) {
          await clock.advance(731);
          const healthy = observe(pool.acquire(`/healthy${round}`));
          await clock.settle();
          assertEquals(
            healthy.state,
            "fulfilled",
            `${runtime} ${death} ${round}`,
          );
          await healthy.value.discard();
        }
        isOver = true;
        const closed = observe(pool.close());
        await clock.advance(10_000);
        assertEquals(closed.state, "fulfilled");
        await Promise.all(loops);
      }
    }
  }
});

Deno.test("4.2 F80 keys that are found dead for the first time delay others by one connectTimeout at most", async () => {
  await using virtual = createVirtualPool({
    acquireTimeout: 60_000,
    websocket: { reconnect: true, connectTimeout: 2_000 },
  });
  const { pool, clock, network } = virtual;
  for (const path of DEAD) network.behave(path, "hang");
  for (const path of DEAD) observe(pool.acquire(path));
  await clock.settle();
  const healthy = observe(pool.acquire("/healthy"));
  await clock.advance(1_999);
  assertEquals(healthy.state, "pending");
  await clock.advance(1);
  assertEquals(healthy.state, "fulfilled");
});

Deno.test("4.2 a failing key has one trial at a time, however many want it", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 10,
    maxConnecting: 10,
    acquireTimeout: 120_000,
    websocket: { reconnect: { jitter: 0 }, connectTimeout: 1_000 },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  const waiters = Array.from({ length: 8 }, () => observe(pool.acquire("/a")));
  await clock.settle();
  network.behaviour = "hang";
  for (let second = 0; second < 60; second++) {
    await clock.advance(1_000);
    assert(network.connecting <= 1, `${network.connecting} trials`);
  }
  // A success opens the way for all.
  network.behaviour = "open";
  await clock.advance(60_000);
  assertEquals(
    waiters.map(({ state }) => state),
    new Array(8).fill("fulfilled"),
  );
});

Deno.test("4.2 with reconnect the waiters of a failing key keep their deadline; the error carries the last cause and the attempts", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  const first = observe(pool.acquire("/a", { timeout: 5_000 }));
  const second = observe(pool.acquire("/a", { timeout: 6_000 }));
  await clock.advance(4_999);
  assertEquals([first.state, second.state], ["pending", "pending"]);
  await clock.advance(1);
  assertInstanceOf(first.reason, ConnectError);
  assertEquals(
    [first.reason.timedOut, first.reason.attempts, first.reason.phase],
    [true, network.dials.length, "dial"],
  );
  assertInstanceOf(first.reason.cause, ConnectError);
  assertEquals(first.reason.cause.closeCode, 1006);
  await clock.advance(1_000);
  // The second was next in line: the trial in backoff was its own by then.
  assertInstanceOf(second.reason, ConnectError);
});

Deno.test("4.2 a waiter that is not first in line of a failing key gets PoolExhaustedError with the last cause", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  observe(pool.acquire("/a", { timeout: 60_000 }));
  const second = observe(pool.acquire("/a", { timeout: 3_500 }));
  await clock.advance(3_500);
  assertInstanceOf(second.reason, PoolExhaustedError);
  assertInstanceOf(second.reason.cause, ConnectError);
  assertEquals(second.reason.cause.attempts, network.dials.length);
});

Deno.test("4.11 a newcomer with little time gets a dial within its deadline, whatever the backoff", async () => {
  await using virtual = createVirtualPool({
    acquireTimeout: 600_000,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  observe(pool.acquire("/a"));
  await clock.advance(40_000);
  const before = network.dials.length;
  network.behaviour = "open";
  const hasty = observe(pool.acquire("/a", { timeout: 1_000 }));
  await clock.advance(500);
  assertEquals(network.dials.length > before, true);
  // The patient one is first in line; the hasty one is next, with its own dial.
  await clock.advance(499);
  assertEquals(hasty.state, "fulfilled");
});

Deno.test("4.2 F79 with reconnect, waiters inside their deadline outlast a port that refuses for 5 s", async () => {
  for (const random of [0, 0.5, 0.999]) {
    await using virtual = createVirtualPool(
      { acquireTimeout: 20_000, websocket: { reconnect: true } },
      { random: () => random },
    );
    const { pool, clock, network } = virtual;
    network.behaviour = "refuse";
    const waiter = observe(pool.acquire("/a"));
    await clock.advance(5_000);
    network.behaviour = "open";
    await clock.advance(10_000);
    assertEquals(waiter.state, "fulfilled");
  }
});

Deno.test("4.2 without reconnect the failure is answered now: the oldest waiter, and all with the last dial", async () => {
  await using virtual = createVirtualPool({ maxConnecting: 2 });
  const { pool, clock, network } = virtual;
  network.behaviour = "manual";
  const waiters = [1, 2, 3].map(() => observe(pool.acquire("/a")));
  const other = observe(pool.acquire("/b"));
  await clock.settle();
  const sockets = network.socketsTo("/a");
  sockets[0]?.fail();
  await clock.settle();
  if (sockets.length === 2) {
    assertEquals(waiters.map(({ state }) => state), [
      "rejected",
      "pending",
      "pending",
    ]);
    sockets[1]?.fail();
    await clock.settle();
  }
  assertEquals(waiters.map(({ state }) => state), [
    "rejected",
    "rejected",
    "rejected",
  ]);
  assertEquals(other.state, "pending");
});

Deno.test("4.2 retries of many keys are spread by jitter", async () => {
  let turn = 0;
  const random = () => (turn = (turn + 0.618034) % 1);
  await using virtual = createVirtualPool({
    maxConnections: 100,
    maxConnecting: 100,
    acquireTimeout: 600_000,
    websocket: { reconnect: true },
  }, { random });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  for (let key = 0; key < 100; key++) observe(pool.acquire(`/${key}`));
  await clock.settle();
  const start = clock.time;
  await clock.advance(1_000);
  const perTenth = new Array(10).fill(0);
  const second = new Map<string, number>();
  for (const { url, at } of network.dials.slice(100)) {
    if (!second.has(url)) second.set(url, at - start);
  }
  for (const at of second.values()) {
    perTenth[Math.min(9, Math.floor(at / 100))]++;
  }
  assertEquals(second.size, 100);
  assert(Math.max(...perTenth) <= 15, String(perTenth));
});
