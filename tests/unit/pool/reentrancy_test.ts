import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { LeaseReleasedError, PoolClosedError } from "../../../mod.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

Deno.test("4.9 F57 F36 a listener that releases one lease and aborts the waiter it goes to loses no connection", async () => {
  await using virtual = createVirtualPool({ maxConnections: 2 });
  const { pool, clock } = virtual;
  const held = await pool.acquire("/a");
  const other = await pool.acquire("/b");
  const abort = new AbortController();
  const waiter = observe(pool.acquire("/a", { signal: abort.signal }));
  const next = observe(pool.acquire("/b"));
  await clock.settle();
  pool.addEventListener("acquire", () => {
    held.release();
    abort.abort(new Error("left"));
  }, { once: true });
  await other.release();
  await clock.settle();
  assertEquals(next.state, "fulfilled");
  // Whichever came first decides; the connection is somebody's in both cases.
  if (waiter.state === "fulfilled") await waiter.value.release();
  await next.value.release();
  assertEquals(pool.stats().activeConnections, 0);
  assertEquals(pool.stats().idleConnections, 2);
});

Deno.test("4.9 F57 close from a listener while an acquire finds a dead idle connection answers that acquire", async () => {
  await using virtual = createVirtualPool();
  const { pool, network, clock } = virtual;
  await (await pool.acquire("/a")).release();
  network.last.answersClose = false;
  network.last.close();
  pool.addEventListener("retire", () => void pool.close(), { once: true });
  const acquired = observe(pool.acquire("/a", { timeout: 5_000 }));
  await clock.settle();
  assertInstanceOf(acquired.reason, PoolClosedError);
  assertEquals(pool.stats().waiting, 0);
});

Deno.test("4.9 F57 a signal aborted by a listener during its own acquire is heeded", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, network, clock } = virtual;
  await (await pool.acquire("/a")).release();
  network.last.answersClose = false;
  network.last.close();
  const abort = new AbortController();
  pool.addEventListener("retire", () => abort.abort("gone"), { once: true });
  const acquired = observe(pool.acquire("/a", { signal: abort.signal }));
  await clock.settle();
  assertEquals(acquired.reason, "gone");
  assertEquals(pool.stats().waiting, 0);
  assertEquals(pool.stats().totalAborted, 1);
});

Deno.test("4.9 F57 close from an acquire listener ends the lease that is just being handed out", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  await (await pool.acquire("/a")).release();
  pool.addEventListener("acquire", () => void pool.close());
  const conn = await pool.acquire("/a");
  const read = observe(conn.receive());
  await virtual.clock.settle();
  assertInstanceOf(read.reason, PoolClosedError);
  await conn.release();
  assertEquals(pool.stats().totalReleased, 1);
});

Deno.test("4.9 F57 a gap listener may lease the idle connection that a message came in on", async () => {
  for (const idleMessages of ["discard", "retire"] as const) {
    await using virtual = createVirtualPool({ idleMessages });
    const { pool, network, clock } = virtual;
    await (await pool.acquire("/a")).release();
    const taken: unknown[] = [];
    pool.addEventListener("gap", () => {
      const conn = pool.tryAcquire("/a");
      taken.push(conn?.isConnected);
      conn?.release();
    });
    network.last.message("1");
    await clock.settle();
    assertEquals(taken, idleMessages === "retire" ? [undefined] : [true]);
    assertEquals(
      pool.stats().retired.discarded,
      idleMessages === "retire" ? 1 : 0,
    );
  }
});

Deno.test("4.9 F57 a gap listener may lease a warmed connection whose greeting was dropped", async () => {
  await using virtual = createVirtualPool({ idleMessages: "retire" });
  const { pool, network, clock } = virtual;
  network.behaviour = "manual";
  const warm = observe(pool.warm("/a"));
  await clock.settle();
  const taken: unknown[] = [];
  pool.addEventListener("gap", () => {
    taken.push(pool.tryAcquire("/a")?.isConnected);
  });
  network.last.open();
  network.last.message("1");
  await clock.settle();
  assertEquals(warm.state, "fulfilled");
  assertEquals(taken, [undefined]);
  assertEquals(pool.stats().retired.discarded, 1);
});

Deno.test("4.9 F46 F57 release and close from one listener: the release settles though its reset never ran", async () => {
  await using virtual = createVirtualPool({ reset: () => {} });
  const { pool, clock } = virtual;
  const held = await pool.acquire("/a");
  let released: ReturnType<typeof observe> | undefined;
  pool.addEventListener("acquire", () => {
    released = observe(held.release());
    pool.close();
  }, { once: true });
  const other = observe(pool.acquire("/b"));
  await clock.advance(20_000);
  assertEquals(released?.state, "fulfilled");
  assert(other.state !== "pending");
});

Deno.test("4.9 F57 acquire, release and close work from inside a signal's abort handler", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const conn = await pool.acquire("/a");
  const inside: ReturnType<typeof observe>[] = [];
  conn.signal.addEventListener("abort", () => {
    inside.push(observe(conn.release()));
    inside.push(observe(pool.acquire("/a")));
    inside.push(observe(pool.close()));
  });
  await conn.release();
  await clock.settle();
  assertEquals(inside.map(({ state }) => state), [
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  assertEquals(pool.stats().activeConnections, 0);
});

Deno.test("4.9 F57 a factory may acquire and close while it is called", async () => {
  await using virtual = createVirtualPool();
  const { pool, network } = virtual;
  const nested: ReturnType<typeof observe>[] = [];
  network.behaviour = (socket) => {
    queueMicrotask(() => socket.open());
    const isFirst = nested.length === 0;
    nested.push(isFirst ? observe(pool.acquire("/b")) : observe(pool.close()));
  };
  const first = observe(virtual.pool.acquire("/a"));
  await virtual.clock.settle();
  assertInstanceOf(first.reason, PoolClosedError);
  assertInstanceOf(nested[0]?.reason, PoolClosedError);
  assertEquals(nested[1]?.value, { drained: 0, forced: 0, abandoned: 0 });
});

Deno.test("4.9 F54 hooks may use the pool they belong to", async () => {
  const inner: unknown[] = [];
  await using virtual = createVirtualPool({
    maxConnections: 3,
    websocket: {
      onOpen: async (conn) => {
        if (!conn.url.endsWith("/a")) return;
        await using other = await virtual.pool.acquire("/b");
        inner.push(other.url);
      },
    },
    reset: async (conn) => {
      if (!conn.url.endsWith("/a")) return;
      await using other = await virtual.pool.acquire("/b");
      inner.push(other.reused);
    },
  });
  await (await virtual.pool.acquire("/a")).release();
  assertEquals(inner, ["wss://h.example/b", true]);
  assertEquals(virtual.pool.stats().idleConnections, 2);
});

Deno.test("4.9 F57 F59 a message whose toJSON releases the lease reaches no socket", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, network, clock } = virtual;
  for (const way of ["send", "trySend"] as const) {
    const conn = await pool.acquire("/a");
    const next = observe(pool.acquire("/a"));
    const message = { toJSON: () => conn.release().then(() => {}) };
    const sent = observe((async () => await conn[way](message))());
    await clock.settle();
    assertInstanceOf(sent.reason, LeaseReleasedError, way);
    assertEquals(network.last.sent, []);
    await next.value.release();
  }
});

Deno.test("4.9 F57 F59 options whose getter releases the lease read and send nothing of the next", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, network, clock } = virtual;
  for (const way of ["send", "sendRaw", "receive", "forEach"] as const) {
    const conn = await pool.acquire("/a");
    const options = {
      get signal(): undefined {
        void conn.release();
        return undefined;
      },
    };
    const call = {
      send: () => conn.send("x", options),
      sendRaw: () => conn.sendRaw("x", options),
      receive: () => conn.receive(options),
      forEach: () => conn.forEach(() => {}, options),
    };
    const answered = observe<unknown>(call[way]());
    await using next = await pool.acquire("/a");
    const read = observe(next.receive());
    network.last.message("1");
    await clock.settle();
    assertInstanceOf(answered.reason, LeaseReleasedError, way);
    assertEquals([read.value, network.last.sent], [1, []], way);
  }
});

Deno.test("4.9 F57 an acquire while the stack of another is formatted does not change what that one is for", async () => {
  await using virtual = createVirtualPool({ leakThreshold: 3_000 });
  const { pool } = virtual;
  const nested: Promise<AsyncDisposable>[] = [];
  // V8 calls it when a stack is read, which the pool does where it looks for leaks.
  Reflect.set(Error, "prepareStackTrace", (error: Error) => {
    if (nested.length === 0) nested.push(pool.acquire("/log"));
    return String(error);
  });
  try {
    await using conn = await pool.acquire("/a");
    assertEquals(conn.url, "wss://h.example/a");
    await using inner = await nested[0];
    assert(inner, "the nested acquire is served too");
  } finally {
    Reflect.deleteProperty(Error, "prepareStackTrace");
  }
});
