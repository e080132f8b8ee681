import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { ConnectError, PoolClosedError } from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

Deno.test("4.2 F36 a handshake that nobody waits for any more is finished and kept", async () => {
  for (const runtime of RUNTIMES) {
    await using virtual = createVirtualPool({}, { runtime });
    const { pool, clock, network } = virtual;
    network.behaviour = "manual";
    const acquired = observe(pool.acquire("/a", { timeout: 100 }));
    await clock.advance(100);
    assertInstanceOf(acquired.reason, ConnectError);
    assertEquals(acquired.reason.timedOut, true);
    network.last.open();
    await clock.settle();
    assertEquals(pool.stats().idleConnections, 1);
    assertEquals(pool.tryAcquire("/a")?.reused, false);
  }
});

Deno.test("4.2 F36 an acquire whose signal has aborted rejects at once and dials nothing", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const reason = new Error("never mind");
  const signal = AbortSignal.abort(reason);
  const rejection = await assertRejects(() => pool.acquire("/a", { signal }));
  assertStrictEquals(rejection, reason);
  assertEquals(network.dials, []);
  assertEquals(pool.stats().totalAborted, 1);
});

Deno.test("4.2 F36 an abort while waiting leaves the others' order", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const abort = new AbortController();
  const first = observe(pool.acquire("/a"));
  const middle = observe(pool.acquire("/a", { signal: abort.signal }));
  const last = observe(pool.acquire("/a"));
  await clock.settle();
  abort.abort("gone");
  await clock.settle();
  assertEquals(middle.reason, "gone");
  await conn.release();
  await clock.settle();
  assertEquals([first.state, last.state], ["fulfilled", "pending"]);
  await first.value.release();
  await clock.settle();
  assertEquals(last.state, "fulfilled");
});

Deno.test("4.2 F36 an abort during backoff rejects and ends the waiting for it", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  await assertRejects(() => pool.acquire("/a"), ConnectError);
  const abort = new AbortController();
  const second = observe(pool.acquire("/a", { signal: abort.signal }));
  await clock.settle();
  assertEquals(second.state, "pending");
  abort.abort("gone");
  await clock.settle();
  assertEquals(second.reason, "gone");
  await clock.advance(60_000);
  assertEquals(network.dials.length, 1);
  assertEquals(clock.pending, 0);
});

Deno.test("4.2 F36 an abort during onOpen leaves the connection to the pool", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using virtual = createVirtualPool({
    websocket: { onOpen: () => promise },
  });
  const { pool, clock } = virtual;
  const abort = new AbortController();
  const acquired = observe(pool.acquire("/a", { signal: abort.signal }));
  await clock.settle();
  abort.abort("gone");
  await clock.settle();
  assertEquals(acquired.reason, "gone");
  resolve();
  await clock.settle();
  assertEquals(pool.stats().idleConnections, 1);
});

Deno.test("4.2 F36 an abort in the tick of the grant gives one outcome and loses no slot", async () => {
  for (const order of ["abort first", "grant first"] as const) {
    await using virtual = createVirtualPool({ maxConnections: 1 });
    const { pool, clock } = virtual;
    const conn = await pool.acquire("/a");
    const abort = new AbortController();
    const waiter = observe(pool.acquire("/a", { signal: abort.signal }));
    await clock.settle();
    if (order === "abort first") abort.abort("gone");
    conn.release();
    if (order === "grant first") abort.abort("gone");
    await clock.settle();
    const { totalAborted, totalAcquired } = pool.stats();
    if (order === "abort first") {
      assertEquals(waiter.reason, "gone");
      assertEquals([totalAborted, totalAcquired], [1, 1]);
    } else {
      assertEquals([totalAborted, totalAcquired], [0, 2]);
      await waiter.value.release();
    }
    assertEquals(pool.stats().idleConnections, 1);
  }
});

Deno.test("4.2 F38 a deadline and a grant in the same tick give one outcome", async () => {
  for (const order of ["deadline first", "grant first"] as const) {
    await using virtual = createVirtualPool({
      maxConnections: 1,
      acquireTimeout: 1_000,
    });
    const { pool, clock } = virtual;
    const conn = await pool.acquire("/a");
    const waiter = observe(pool.acquire("/a"));
    await clock.settle();
    // The timer is late: the release itself finds what is due.
    clock.jump(order === "deadline first" ? 1_000 : 999);
    conn.release();
    await clock.advance(1);
    assertEquals(
      waiter.state,
      order === "deadline first" ? "rejected" : "fulfilled",
    );
    if (waiter.state === "fulfilled") await waiter.value.release();
    const { idleConnections, waiting } = pool.stats();
    assertEquals([idleConnections, waiting], [1, 0]);
  }
});

Deno.test("4.2 the listener on the caller's signal is gone when the acquire is answered", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const counted = new AbortController();
  let listeners = 0;
  const { signal } = counted;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...list: Parameters<typeof add>) => {
    listeners++;
    add(...list);
  };
  signal.removeEventListener = (...list: Parameters<typeof remove>) => {
    listeners--;
    remove(...list);
  };
  const conn = await pool.acquire("/a", { signal });
  assertEquals(listeners, 0);
  const waiting = [1, 2, 3].map(() =>
    observe(pool.acquire("/a", { signal, timeout: 100 }))
  );
  await clock.settle();
  assertEquals(listeners, 1);
  await clock.advance(100);
  for (const each of waiting) assertEquals(each.state, "rejected");
  assertEquals(listeners, 0);
  await conn.release();
});

Deno.test("4.2 F36 those who wait under one signal go together, and nobody else", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const [one, other] = [new AbortController(), new AbortController()];
  const wait = (signal?: AbortSignal) =>
    observe(pool.acquire("/a", { signal }));
  const mine = [wait(), wait(one.signal), wait(one.signal)];
  const theirs = [wait(other.signal), wait()];
  mine.push(wait(one.signal), wait(one.signal));
  await clock.settle();
  // The first of all, and one under the signal, are served before it aborts.
  await conn.release();
  await clock.settle();
  await mine[0]?.value.release();
  await clock.settle();
  one.abort("gone");
  await clock.settle();
  const states = (all: typeof mine) => all.map(({ state }) => state);
  assertEquals(states(mine), [
    "fulfilled",
    "fulfilled",
    "rejected",
    "rejected",
    "rejected",
  ]);
  assertEquals(states(theirs), ["pending", "pending"]);
  assertEquals(pool.stats().totalAborted, 3);
  await mine[1]?.value.release();
  await clock.settle();
  other.abort("too late");
  await theirs[0]?.value.release();
  await clock.settle();
  assertEquals(states(theirs), ["fulfilled", "fulfilled"]);
});

Deno.test("4.2 an acquire whose signal takes no listener rejects, and waits no more", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const { signal } = new AbortController();
  const error = new Error("no listeners here");
  signal.addEventListener = () => {
    throw error;
  };
  for (let count = 0; count < 3; count++) {
    const rejection = await assertRejects(() => pool.acquire("/a", { signal }));
    assertStrictEquals(rejection, error);
    observe(pool.acquire("/a", { timeout: 50 }));
  }
  assertEquals(pool.stats().waiting, 3);
  await clock.advance(50);
  await conn.release();
  assertEquals(pool.stats().idleConnections, 1);
});

/** A signal that runs `act` when it is listened to, and takes no listener. */
function deafSignal(act: () => void): AbortSignal {
  const { signal } = new AbortController();
  Object.defineProperty(signal, "addEventListener", {
    value: () => {
      act();
      throw new Error("Nobody listens to me");
    },
  });
  return signal;
}

Deno.test("4.9 an acquire that is granted, or refused, while its signal is listened to keeps that answer", async () => {
  for (const answer of ["release", "close"] as const) {
    await using virtual = createVirtualPool({ maxConnections: 1 });
    const { pool, clock } = virtual;
    const held = await pool.acquire("/a");
    const signal = deafSignal(() => {
      if (answer === "release") held.release();
      else pool.close();
    });
    const waiter = observe(pool.acquire("/a", { signal }));
    await clock.settle();
    if (answer === "release") await waiter.value.release();
    else assertInstanceOf(waiter.reason, PoolClosedError);
    assertEquals(pool.stats().activeConnections, 0);
  }
});

Deno.test("4.9 whoever joins under a signal that takes no listener is refused with who came first", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const held = await pool.acquire("/a");
  const waiters: ReturnType<typeof observe>[] = [];
  const signal = deafSignal(() =>
    waiters.push(observe(pool.acquire("/a", { signal })))
  );
  waiters.push(observe(pool.acquire("/a", { signal })));
  await clock.settle();
  assertEquals(waiters.map(({ state }) => state), ["rejected", "rejected"]);
  assertEquals(pool.stats().waiting, 0);
  await held.release();
});
