import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import type { PooledConnection } from "../../../mod.ts";
import {
  createVirtualPool,
  observe,
  type VirtualPool,
} from "../../support/virtual_pool.ts";

type Call = (options: object) => unknown;

/** Every call with options, of a pool with an idle connection and of a lease. */
function callsOf(
  { pool }: VirtualPool<unknown, unknown>,
  conn: PooledConnection,
): Readonly<Record<string, Call>> {
  return {
    acquire: (options) => pool.acquire("/a", options),
    tryAcquire: (options) => pool.tryAcquire("/a", options),
    warm: (options) => pool.warm("/a", options),
    map: (options) => pool.map([], String, () => {}, options),
    close: (options) => pool.close(options),
    send: (options) => conn.send("x", options),
    sendRaw: (options) => conn.sendRaw("x", options),
    receive: (options) => conn.receive(options),
    forEach: (options) => conn.forEach(() => {}, options),
  };
}

/** What a call throws or rejects with. */
async function errorOf(call: () => unknown): Promise<Error> {
  return await assertRejects(async () => await call(), Error);
}

Deno.test("3.1 an error about an option of a call names the call it was given to", async () => {
  await using virtual = createVirtualPool();
  await (await virtual.pool.acquire("/a")).release();
  const calls = callsOf(virtual, await virtual.pool.acquire("/b"));
  const wrong: Record<string, object> = {
    acquire: {
      timeout: "5",
      signal: 5,
      fresh: 5,
      onReconnect: 5,
      protocols: 5,
      identity: 5,
    },
    tryAcquire: { protocols: 5, identity: 5 },
    warm: { timeout: "5", signal: 5, count: "5", protocols: 5, identity: 5 },
    map: { concurrency: "5" },
    close: { drainTimeout: "5", code: "5", reason: 5 },
    send: { timeout: "5", signal: 5 },
    sendRaw: { timeout: "5", signal: 5 },
    receive: { timeout: "5", signal: 5 },
    forEach: { timeout: "5", signal: 5 },
  };
  assertEquals(Object.keys(wrong), Object.keys(calls));
  for (const [name, call] of Object.entries(calls)) {
    for (const [option, value] of Object.entries(wrong[name] ?? {})) {
      const error = await errorOf(() => call({ [option]: value }));
      assertInstanceOf(error, TypeError);
      const [subject] = error.message.split(" ");
      assertEquals(subject, `${name}.${option}`);
    }
    const { message } = await errorOf(() => call({ timeOut: 5 }));
    const [problem, known = ""] = message.split("; known: ");
    assertEquals(problem, `${name} has no option "timeOut"`);
    assertEquals(
      known.split(", ").sort(),
      Object.keys(wrong[name] ?? {}).sort(),
    );
    for (const value of JSON.parse('[null, 5, "s3cret", true, []]')) {
      const error = await errorOf(() => call(value));
      assertInstanceOf(error, TypeError);
      assertEquals(
        error.message.startsWith(`${name} must be an object, got `),
        true,
        error.message,
      );
      assertEquals(error.message.includes("s3cret"), false);
    }
  }
  assertEquals(virtual.pool.stats().totalAcquireStarted, 2);
  assertEquals(virtual.pool.closed, false);
});

Deno.test("3.1 a bound of an acquire counts only where it is the caller's own and enumerable", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 1,
    acquireTimeout: 100,
  });
  const { pool, clock } = virtual;
  await pool.acquire("/a");
  const wrong = { timeout: -1, signal: 5 };
  const hidden = Object.defineProperties({}, {
    timeout: { value: 5, enumerable: false },
    signal: { value: AbortSignal.abort(), enumerable: false },
  });
  class Inherited {
    get timeout(): number {
      return 5;
    }
  }
  const signal = new AbortController().signal;
  for (
    const options of [
      Object.create(wrong),
      hidden,
      new Inherited(),
      Object.assign(Object.create({ timeout: 5 }), { signal }),
      { timeout: undefined, signal: undefined },
      { [Symbol("timeout")]: 5 },
    ]
  ) {
    const acquired = observe(pool.acquire("/a", options));
    await clock.advance(99);
    assertEquals(acquired.state, "pending");
    await clock.advance(1);
    assertEquals(acquired.state, "rejected");
  }
});

Deno.test("3.1 F60 a getter of an acquire's option is read once, may throw, and may call the pool", async () => {
  await using virtual = createVirtualPool({ maxConnections: 2 });
  const { pool } = virtual;
  await (await pool.acquire("/a")).release();
  const read: string[] = [];
  const bounds = {
    get timeout() {
      read.push("timeout");
      return 50;
    },
    get signal() {
      read.push("signal");
      return new AbortController().signal;
    },
  };
  await (await pool.acquire("/a", bounds)).release();
  assertEquals(read.splice(0).sort(), ["signal", "timeout"]);
  // Beside others they are read from the table.
  const both = Object.defineProperty(bounds, "fresh", {
    enumerable: true,
    get: () => {
      read.push("fresh");
      return false;
    },
  });
  await (await pool.acquire("/a", both)).release();
  assertEquals(read.splice(0).sort(), ["fresh", "signal", "timeout"]);

  const thrown = new Error("it cannot be read");
  const error = await assertRejects(() =>
    pool.acquire("/a", {
      get timeout(): number {
        throw thrown;
      },
    })
  );
  assertStrictEquals(error, thrown);

  const inner: Promise<PooledConnection>[] = [];
  const outer = await pool.acquire("/a", {
    get timeout() {
      inner.push(pool.acquire("/a", { timeout: 50 }));
      return 50;
    },
  });
  const [first] = await Promise.all(inner);
  assertEquals([first?.id, outer.id], [1, 2]);
});

Deno.test("4.2 bounds given alone take an idle connection, unless the signal has aborted", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  await (await pool.acquire("/a")).release();
  const { signal } = new AbortController();
  for (const options of [{ timeout: 0 }, { signal }, { timeout: 5, signal }]) {
    const conn = await pool.acquire("/a", options);
    assertEquals([conn.id, conn.reused], [1, true]);
    await conn.release();
  }
  const reason = new Error("enough");
  const aborted = { signal: AbortSignal.abort(reason) };
  const error = await assertRejects(() => pool.acquire("/a", aborted));
  assertStrictEquals(error, reason);
  const stats = pool.stats();
  assertEquals(stats.totalAcquireStarted, 5);
  assertEquals(stats.totalAborted, 1);
  assertEquals(stats.idleConnections, 1);
});

Deno.test("3.1 what names the pool's own connections names them also where it is given to a call", async () => {
  await using virtual = createVirtualPool({
    websocket: { protocols: ["v1", "v2"], identity: "bot" },
  });
  const { pool } = virtual;
  await (await pool.acquire("/a")).release();
  for (
    const options of [
      { identity: "bot" },
      { protocols: ["v1", "v2"] },
      { protocols: undefined, identity: undefined },
    ]
  ) {
    const conn = await pool.acquire("/a", options);
    assertEquals(conn.id, 1);
    await conn.release();
    const other = pool.tryAcquire("/a", options);
    assertEquals(other?.id, 1);
    await other?.release();
    assertEquals(await pool.warm("/a", options), 1);
  }
});
