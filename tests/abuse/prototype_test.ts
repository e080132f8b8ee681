import { assertEquals, assertInstanceOf } from "@std/assert";
import { PoolExhaustedError } from "../../mod.ts";
import { createCallTables, resolveWait } from "../../src/call_options.ts";
import { resolveConfig } from "../../src/config.ts";
import { readOptions } from "../../src/option_table.ts";
import { createVirtualPool, observe } from "../support/virtual_pool.ts";

/** Properties as a careless library leaves them on `Object.prototype`. */
const POLLUTIONS: readonly PropertyDescriptor[] = [
  { value: "polluted", writable: true },
  { value: "polluted", writable: true, enumerable: true },
  { get: () => "polluted" },
];

/** Calls with such a property. */
function withPolluted<T>(
  name: string,
  pollution: PropertyDescriptor,
  call: () => T,
): T {
  Object.defineProperty(Object.prototype, name, {
    ...pollution,
    configurable: true,
  });
  try {
    return call();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

/** What an object of each kind of options is resolved to. */
function resolveEverything(): unknown[] {
  const { close } = createCallTables(resolveConfig(undefined));
  return [
    resolveConfig(undefined),
    resolveConfig({}),
    resolveConfig({
      connectRate: { limit: 1, interval: 1 },
      websocket: { reconnect: {}, heartbeat: {}, inbox: 5 },
    }),
    resolveConfig({ websocket: { heartbeat: 5, inbox: {}, reconnect: true } }),
    readOptions(undefined, "close", close),
    readOptions({}, "close", close),
    resolveWait({}, "send"),
    resolveWait({ timeout: 5 }, "send"),
  ];
}

/** The names of options, of whatever object. */
const NAMES = [
  ...["baseUrl", "maxConnections", "maxWaiting", "healthCheck", "reset"],
  ...["idleMessages", "connectRate", "websocket", "redactUrl", "logger"],
  ...["protocols", "headers", "identity", "resolveUrl", "reconnect"],
  ...["heartbeat", "codec", "schema", "onInvalid", "inbox", "onOpen"],
  ...["factory", "classify", "interval", "timeout", "maxSilence", "ping"],
  ...["isPong", "reply", "raw", "minDelay", "maxAttempts", "jitter"],
  ...["capacity", "maxBytes", "overflow", "limit", "signal"],
  ...["drainTimeout", "code", "reason"],
];

Deno.test("3.1 F60 what is on Object.prototype is no option", () => {
  const expected = Deno.inspect(resolveEverything(), { depth: 9 });
  for (const name of [...NAMES, "none"]) {
    for (const pollution of POLLUTIONS) {
      const found = withPolluted(name, pollution, resolveEverything);
      assertEquals(Deno.inspect(found, { depth: 9 }), expected, name);
    }
  }
});

Deno.test("3.1 F60 what is on Object.prototype is no option of a call", async () => {
  await using virtual = createVirtualPool({ maxConnections: 2 });
  const { pool, clock } = virtual;
  const calls: [
    names: string[],
    call: (pollution: PropertyDescriptor) => unknown,
  ][] = [
    [
      ["timeout", "fresh", "onReconnect", "protocols", "identity"],
      () => pool.acquire("/a", {}).then((conn) => conn.release()),
    ],
    [
      ["signal", "fresh"],
      () => pool.acquire("/a", { timeout: 5 }).then((conn) => conn.release()),
    ],
    [
      ["timeout", "signal", "onReconnect"],
      () => pool.acquire("/a", { fresh: false }).then((conn) => conn.release()),
    ],
    [
      ["count", "timeout", "protocols", "identity"],
      () => pool.warm("/a", {}),
    ],
    [
      ["protocols", "identity"],
      () => pool.tryAcquire("/a", {})?.release(),
    ],
    [["concurrency"], () => pool.map([], String, () => {}, {})],
    [["discard"], async (pollution) => {
      const conn = await pool.acquire("/a");
      withPolluted("discard", pollution, () => void conn.release({}));
    }],
  ];
  for (const [names, call] of calls) {
    for (const name of names) {
      for (const pollution of POLLUTIONS) {
        // An async call would go on with what it finds later.
        const outcome = observe(Promise.resolve(
          name === "discard"
            ? call(pollution)
            : withPolluted(name, pollution, () => call(pollution)),
        ));
        await clock.settle();
        assertEquals(outcome.state, "fulfilled", name);
      }
    }
  }
  assertEquals(pool.stats().retired.discarded, 0);
  assertEquals(pool.stats().totalConnections, 1);
});

Deno.test("4.11 F39 release gives the connection back whatever it is handed", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const options = {
    get discard(): boolean {
      throw new Error("it cannot be read");
    },
  };
  const proxy = new Proxy({}, {
    getOwnPropertyDescriptor() {
      throw new Error("it cannot be read");
    },
  });
  for (const unreadable of [options, proxy]) {
    const conn = await pool.acquire("/a");
    await conn.release(unreadable);
    assertEquals(pool.stats().activeConnections, 0);
  }
  // Nobody can know what was wanted: such a connection serves nobody else.
  assertEquals(pool.stats().retired.discarded, 2);
  for (const nothing of JSON.parse('[null, 5, "discard", true, [], {}]')) {
    const conn = await pool.acquire("/a");
    await conn.release(nothing);
    assertEquals(pool.stats().idleConnections, 1);
  }
});

Deno.test("3.3 3.5 what is on Object.prototype keeps no error and no event from being made", async () => {
  const NAMES = ["reason", "timeout", "duration", "url"];
  for (const name of NAMES) {
    for (const pollution of POLLUTIONS) {
      await using virtual = createVirtualPool({ maxConnections: 1 });
      const { pool, clock } = virtual;
      const heard: string[] = [];
      const held = observe(pool.acquire("/a"));
      await clock.settle();
      const refused = observe(pool.acquire("/a", { timeout: 5 }));
      await clock.settle();
      withPolluted(name, pollution, () => {
        pool.addEventListener("exhausted", ({ type }) => heard.push(type));
        pool.addEventListener("release", ({ type }) => heard.push(type));
        clock.rush(5);
        held.value.release();
      });
      await clock.settle();
      assertInstanceOf(refused.reason, PoolExhaustedError, name);
      assertEquals(refused.reason.reason, "timeout");
      assertEquals(heard, ["exhausted", "release"], name);
      // They go on hearing.
      (await pool.acquire("/a")).release();
      assertEquals(heard, ["exhausted", "release", "release"], name);
    }
  }
});
