import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  ConnectError,
  type PooledConnection,
  PoolExhaustedError,
} from "../../../mod.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("3.1 use gives the function's result and releases", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const kept: PooledConnection[] = [];
  for (const fn of [() => 7, () => Promise.resolve(7)]) {
    const result = await pool.use("/a", (conn) => {
      kept.push(conn);
      assert(conn.isConnected);
      return fn();
    });
    assertEquals(result, 7);
  }
  assertEquals(kept.map(({ id }) => id), [1, 1]);
  assertEquals(kept.map(({ isConnected }) => isConnected), [false, false]);
  assertEquals(pool.stats().idleConnections, 1);
});

Deno.test("3.1 use discards if the function throws or rejects, with its error", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const error = new Error("of the function");
  const failing: (() => Promise<never>)[] = [
    () => Promise.reject(error),
    () => {
      throw error;
    },
  ];
  for (const fn of failing) {
    assertStrictEquals(await assertRejects(() => pool.use("/a", fn)), error);
  }
  const { retired, idleConnections } = pool.stats();
  assertEquals([retired.discarded, idleConnections], [2, 0]);
});

Deno.test("3.1 use waits for the reset", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using virtual = createVirtualPool({ reset: () => promise });
  const used = observe(virtual.pool.use("/a", () => 1));
  await virtual.clock.settle();
  assertEquals(used.state, "pending");
  resolve();
  await virtual.clock.settle();
  assertEquals(used.value, 1);
});

Deno.test("3.1 use rejects as acquire does, and takes its options", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, network } = virtual;
  const conn = await pool.acquire("/a");
  let calls = 0;
  await assertRejects(
    () => pool.use("/a", () => calls++, { timeout: 0 }),
    PoolExhaustedError,
  );
  await conn.discard();
  network.behaviour = "refuse";
  await assertRejects(() => pool.use("/a", () => calls++), ConnectError);
  const wrong = JSON.parse('"no function"');
  await assertRejects(() => pool.use("/a", wrong), TypeError, "use needs a");
  assertEquals(calls, 0);
});

Deno.test("3.1 map is lazy, keeps the order of the items and its concurrency", async () => {
  await using virtual = createVirtualPool({ maxConnections: 5 });
  const { pool, clock, network } = virtual;
  const gates = new Map<number, PromiseWithResolvers<void>>();
  const results = pool.map(
    [1, 2, 3, 4],
    (item) => `/${item}`,
    async (conn, item) => {
      const gate = Promise.withResolvers<void>();
      gates.set(item, gate);
      await gate.promise;
      return `${item} over ${conn.id}`;
    },
    { concurrency: 2 },
  );
  await clock.settle();
  assertEquals(network.dials, []);
  const first = observe(results.next());
  await clock.settle();
  assertEquals([...gates.keys()], [1, 2]);
  gates.get(2)?.resolve();
  await clock.settle();
  assertEquals(first.state, "pending");
  gates.get(1)?.resolve();
  await clock.settle();
  assertEquals(first.value, { value: "1 over 1", done: false });
  const rest = observe(Array.fromAsync(results));
  for (const item of [3, 4]) {
    await clock.settle();
    gates.get(item)?.resolve();
  }
  await clock.settle();
  assertEquals(rest.value, ["2 over 2", "3 over 3", "4 over 4"]);
});

Deno.test("3.1 map runs maxConnections at once by default", async () => {
  await using virtual = createVirtualPool({ maxConnections: 3 });
  const { pool, clock } = virtual;
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await clock.settle();
    running--;
    return running;
  };
  const items = Array.from({ length: 20 }, (_, index) => index);
  const results = await Array.fromAsync(pool.map(items, () => "/a", work));
  assertEquals(results.length, 20);
  assertEquals(most, 3);
  assertEquals(pool.stats().idleConnections, 3);
});

Deno.test("3.1 leaving a map stops the source and the pending acquires", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  let ended = 0;
  async function* source() {
    try {
      for (let item = 0;; item++) {
        yield item;
        await undefined;
      }
    } finally {
      ended++;
    }
  }
  const looped = observe((async () => {
    const mapped = pool.map(source(), () => "/a", (_, item) => item, {
      concurrency: 3,
    });
    for await (const item of mapped) {
      if (item === 2) break;
    }
  })());
  await clock.settle();
  assertEquals(looped.state, "fulfilled");
  assertEquals([ended, pool.stats().waiting], [1, 0]);
  assertEquals(pool.stats().activeConnections, 0);
});

Deno.test("3.1 leaving a map ends an acquire that would wait for long", async () => {
  await using virtual = createVirtualPool({ acquireTimeout: Infinity });
  const { pool, clock, network } = virtual;
  network.behave("/hang", "hang");
  const looped = observe((async () => {
    const mapped = pool.map(["/a", "/hang"], (path) => path, () => 1);
    for await (const _ of mapped) break;
  })());
  await clock.settle();
  assertEquals(looped.state, "fulfilled");
  assertEquals(pool.stats().totalAborted, 1);
});

Deno.test("3.1 the first failure of a map is thrown, once what is under way has ended", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const done: number[] = [];
  const mapped = pool.map([1, 2, 3], () => "/a", async (_, item) => {
    await undefined;
    if (item === 2) throw new Error("second");
    done.push(item);
    return item;
  });
  const seen: number[] = [];
  await assertRejects(
    async () => {
      for await (const item of mapped) seen.push(item);
    },
    Error,
    "second",
  );
  assertEquals([seen, done], [[1], [1, 3]]);
  assertEquals(pool.stats().activeConnections, 0);
});

Deno.test("3.1 closing the pool ends a map", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = "hang";
  const results = observe(
    Array.fromAsync(pool.map([1, 2], () => "/a", () => 1)),
  );
  await clock.settle();
  await pool.close();
  await clock.settle();
  assertInstanceOf(results.reason, Error);
  assertEquals(results.reason.name, "PoolClosedError");
});

Deno.test("3.1 map checks its arguments at once", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const wrong = JSON.parse("5");
  assertThrows(() => pool.map([1], wrong, () => 1), TypeError);
  assertThrows(() => pool.map([1], () => "/a", wrong), TypeError);
  for (const concurrency of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => pool.map([1], () => "/a", () => 1, { concurrency }),
      RangeError,
    );
  }
});
