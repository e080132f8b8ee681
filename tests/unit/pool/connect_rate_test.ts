import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import { PoolExhaustedError } from "../../../mod.ts";
import type { Dial } from "../../support/fake_network.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

/** The most dials of any window of `length` ms, which is half open. */
function busiest(dials: readonly Dial[], length: number): number {
  let most = 0;
  for (const [first, { at }] of dials.entries()) {
    let count = 0;
    while ((dials[first + count]?.at ?? Infinity) < at + length) count++;
    most = Math.max(most, count);
  }
  return most;
}

Deno.test("3.1 connectRate is a sliding window: exact, over first dials and reconnects of all keys", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 50,
    connectRate: { limit: 7, interval: 1_000 },
    acquireTimeout: 60_000,
    websocket: { reconnect: { minDelay: 300 } },
  });
  const { pool, clock, network } = virtual;
  const acquired = Array.from(
    { length: 40 },
    (_, index) => observe(pool.acquire(`/${index % 5}`)),
  );
  // No fixed window: it starts in the middle of nowhere.
  await clock.advance(333);
  assertEquals(network.dials.length, 7);
  await clock.advance(666);
  assertEquals(network.dials.length, 7);
  await clock.advance(1);
  assertEquals(network.dials.length, 14);
  await clock.advance(4_500);
  assert(acquired.every(({ state }) => state === "fulfilled"));
  for (const socket of [...network.sockets]) socket.reset();
  await clock.advance(10_000);
  assert(acquired.every(({ value }) => value.isConnected));
  assertEquals(network.dials.length, 80);
  assertEquals(busiest(network.dials, 1_000), 7);
});

Deno.test("3.1 F7 failed dials and warm count for connectRate too", async () => {
  await using virtual = createVirtualPool({
    connectRate: { limit: 3, interval: 10_000 },
    acquireTimeout: 60_000,
    websocket: { reconnect: { minDelay: 10, maxDelay: 10 } },
  });
  const { pool, clock, network } = virtual;
  network.behave("/dead", "refuse");
  observe(pool.acquire("/dead"));
  observe(pool.warm("/warm", { count: 5, timeout: 60_000 }));
  await clock.advance(50_100);
  assertEquals(busiest(network.dials, 10_000), 3);
  assertEquals(network.dials.length, 15 + 3);
});

Deno.test("3.3 waiting for the rate counts against the deadline, and the error says so", async () => {
  await using virtual = createVirtualPool({
    connectRate: { limit: 1, interval: 60_000 },
  });
  const { pool, clock } = virtual;
  await pool.acquire("/a");
  const waiter = observe(pool.acquire("/b", { timeout: 2_000 }));
  await clock.advance(1_999);
  assertEquals(waiter.state, "pending");
  await clock.advance(1);
  assertInstanceOf(waiter.reason, PoolExhaustedError);
  assertEquals([waiter.reason.waitingFor, waiter.reason.reason], [
    "rate",
    "timeout",
  ]);
  assertStringIncludes(waiter.reason.message, "connectRate allows 1 dials");
  const now = observe(pool.acquire("/c", { timeout: 0 }));
  await clock.settle();
  assertInstanceOf(now.reason, PoolExhaustedError);
  assertEquals(now.reason.waitingFor, "rate");
});

Deno.test("4.3 connectRate is fair: among those who wait for it, the order of arrival decides over keys", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 100,
    connectRate: { limit: 2, interval: 1_000 },
    acquireTimeout: 120_000,
  });
  const { pool, clock, network } = virtual;
  for (let index = 0; index < 20; index++) observe(pool.acquire("/busy"));
  const poor = observe(pool.acquire("/poor"));
  for (let index = 0; index < 20; index++) observe(pool.acquire("/busy"));
  await clock.advance(11_000);
  assertEquals(poor.state, "fulfilled");
  const place = network.dials.findIndex(({ url }) => url.endsWith("/poor"));
  assert(place <= 20, `its dial was number ${place}`);
});

Deno.test("4.3 connectRate does not let a storm of redials starve a newcomer, nor the reverse", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 40,
    connectRate: { limit: 4, interval: 1_000 },
    acquireTimeout: 120_000,
    websocket: { reconnect: { jitter: 0 } },
  });
  const { pool, clock, network } = virtual;
  const opening = Array.from(
    { length: 20 },
    (_, index) => observe(pool.acquire(`/${index}`)),
  );
  await clock.advance(10_000);
  const conns = opening.map(({ value }) => value);
  for (const socket of [...network.sockets]) socket.reset();
  await clock.advance(1_000);
  const newcomer = observe(pool.acquire("/new"));
  let others = 0;
  for (let second = 0; second < 8; second++) {
    observe(pool.acquire(`/other${others++}`));
    await clock.advance(1_000);
  }
  // 20 redials arrived before it: five seconds' worth of the rate.
  assertEquals(newcomer.state, "fulfilled");
  assert(conns.every(({ isConnected }) => isConnected));
});

Deno.test("F78 200 connections lost at once: dials per 100 ms never above what maxConnecting and connectRate allow, and all come back", async () => {
  const HANDSHAKE = 50;
  const maxConnecting = 8;
  for (const keys of [200, 10, 1]) {
    for (const rate of [{ limit: 20, interval: 1_000 }, undefined]) {
      let turn = 0;
      const random = () => (turn = (turn + 0.618034) % 1);
      await using virtual = createVirtualPool({
        maxConnections: 200,
        maxConnecting,
        acquireTimeout: 120_000,
        healthCheckInterval: Infinity,
        ...(rate === undefined ? {} : { connectRate: rate }),
        websocket: { reconnect: true },
      }, { random });
      const { pool, clock, network } = virtual;
      network.behaviour = (socket) => {
        clock.setTimer(() => socket.open(), HANDSHAKE);
      };
      const acquired = Array.from(
        { length: 200 },
        (_, index) => observe(pool.acquire(`/${index % keys}`)),
      );
      await clock.advance(20_000);
      const conns = acquired.map(({ value }) => value);
      const before = network.dials.length;
      for (const socket of [...network.sockets]) socket.reset();
      // The rate alone takes 10 s for 200; the first trial waits 1 s at most.
      await clock.advance(13_000);
      assertEquals(conns.filter(({ isConnected }) => !isConnected).length, 0);
      const redials = network.dials.slice(before);
      assertEquals(redials.length, 200);
      assert(network.maxConnecting <= maxConnecting);
      const perHandshakes = maxConnecting * (100 / HANDSHAKE + 1);
      const bound = Math.min(perHandshakes, rate?.limit ?? Infinity);
      assert(busiest(redials, 100) <= bound);
      if (rate !== undefined) {
        assert(busiest(network.dials, rate.interval) <= rate.limit);
      }
      assertEquals(pool.stats().totalReconnects, 200);
      assertEquals(network.live, 200);
    }
  }
});

Deno.test("4.3 maxConnecting holds for redials as for first dials", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 30,
    maxConnecting: 3,
    acquireTimeout: 60_000,
    websocket: { reconnect: true, connectTimeout: 1_000 },
  });
  const { pool, clock, network } = virtual;
  const opening = Array.from(
    { length: 15 },
    (_, index) => observe(pool.acquire(`/${index}`)),
  );
  await clock.advance(1_000);
  network.behaviour = "hang";
  for (const socket of [...network.sockets]) socket.reset();
  for (let index = 0; index < 15; index++) observe(pool.acquire(`/n${index}`));
  for (let step = 0; step < 100; step++) {
    await clock.advance(100);
    assert(network.connecting <= 3);
    assert(pool.stats().connectingConnections <= 3);
  }
  network.behaviour = "open";
  await clock.advance(40_000);
  assertEquals(opening.every(({ value }) => value.isConnected), true);
});

Deno.test("4.7 no timer waits for the rate when nobody does", async () => {
  await using virtual = createVirtualPool({
    connectRate: { limit: 1, interval: 60_000 },
  });
  const { pool, clock } = virtual;
  await (await pool.acquire("/a")).discard();
  const abort = new AbortController();
  observe(pool.acquire("/a", { signal: abort.signal }));
  await clock.settle();
  abort.abort();
  await clock.advance(120_000);
  assertEquals(clock.pending, 0);
});
