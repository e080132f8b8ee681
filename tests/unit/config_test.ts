import {
  assertEquals,
  assertFalse,
  assertNotStrictEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { resolveConfig } from "../../src/config.ts";

/** `path` is an option's name, dotted below an object of options. */
function configOf(path: string, value: unknown): object {
  const [name = "", ...rest] = path.split(".");
  return {
    [name]: rest.length === 0 ? value : configOf(rest.join("."), value),
  };
}

/** What the option resolves to. Untyped values are what is tested. */
function resolve(path: string, value: unknown) {
  return resolveConfig(configOf(path, value));
}

Deno.test("3.1 the defaults are those of the table", () => {
  const expected: unknown = {
    baseUrl: undefined,
    limits: {
      maxConnections: 10,
      maxConnectionsPerKey: Infinity,
      maxConnecting: 4,
      maxWaiting: Infinity,
      maxIdleTime: 300_000,
      maxLifetime: Infinity,
      healthCheckInterval: 30_000,
      healthCheckTimeout: 5_000,
      connectTimeout: 5_000,
      resetTimeout: 5_000,
      closeTimeout: 5_000,
      leakThreshold: Infinity,
      backoff: {
        minDelay: 1_000,
        maxDelay: 60_000,
        multiplier: 2,
        jitter: 1,
        resetAfter: 60_000,
      },
    },
    acquireTimeout: 10_000,
    healthCheck: undefined,
    reset: undefined,
    idleMessages: "discard",
    websocket: {
      protocols: [],
      headers: undefined,
      identity: "",
      codec: "json",
      schema: undefined,
      onInvalid: "throw",
      inbox: { capacity: 10_000, maxBytes: 64 * 1024 ** 2, overflow: "error" },
      sendHighWaterMark: 1024 ** 2,
      onOpen: undefined,
      factory: undefined,
    },
    redactUrl: undefined,
    logger: undefined,
  };
  for (const config of [undefined, {}, { websocket: {} }]) {
    const { limits: { maxProbing: _, ...limits }, ...resolved } = resolveConfig(
      config,
    );
    assertEquals({ ...resolved, limits }, expected);
  }
});

Deno.test("3.1 undefined asks for the default", () => {
  const { limits, acquireTimeout, idleMessages } = resolveConfig({
    maxConnections: undefined,
    acquireTimeout: undefined,
    idleMessages: undefined,
    websocket: undefined,
  });
  assertEquals(limits.maxConnections, 10);
  assertEquals(acquireTimeout, 10_000);
  assertEquals(idleMessages, "discard");
});

Deno.test("3.1 given options are taken over", () => {
  const headers = { "x-a": "1" };
  const hook = () => {};
  const config = resolveConfig({
    baseUrl: "https://h/v1",
    maxConnections: 3,
    maxConnectionsPerKey: 2,
    maxConnecting: 1,
    maxWaiting: 0,
    maxIdleTime: 0,
    maxLifetime: 1,
    healthCheckInterval: 2,
    healthCheckTimeout: 3,
    acquireTimeout: 0,
    reset: hook,
    resetTimeout: 4,
    idleMessages: "retire",
    leakThreshold: 5,
    websocket: {
      protocols: "a",
      headers,
      identity: "bot",
      connectTimeout: 6,
      closeTimeout: 0,
      codec: "raw",
      onInvalid: "skip",
      inbox: 7,
      sendHighWaterMark: 0,
      onOpen: hook,
    },
    redactUrl: ({ host }) => host,
    logger: console,
  });
  const { limits, websocket } = config;
  assertEquals(config.baseUrl?.href, "wss://h/v1");
  const { maxProbing: _, backoff: __, ...numbers } = limits;
  assertEquals(numbers, {
    maxConnections: 3,
    maxConnectionsPerKey: 2,
    maxConnecting: 1,
    maxWaiting: 0,
    maxIdleTime: 0,
    maxLifetime: 1,
    healthCheckInterval: 2,
    healthCheckTimeout: 3,
    connectTimeout: 6,
    resetTimeout: 4,
    closeTimeout: 0,
    leakThreshold: 5,
  });
  assertEquals(config.acquireTimeout, 0);
  assertEquals(config.idleMessages, "retire");
  assertStrictEquals(config.reset, hook);
  assertStrictEquals(config.logger, console);
  assertEquals(websocket.protocols, ["a"]);
  assertEquals(websocket.headers?.get("x-a"), "1");
  assertEquals(websocket.identity, "bot");
  assertEquals(websocket.codec, "raw");
  assertEquals(websocket.onInvalid, "skip");
  assertEquals(websocket.inbox, {
    capacity: 7,
    maxBytes: 64 * 1024 ** 2,
    overflow: "error",
  });
  assertEquals(websocket.sendHighWaterMark, 0);
  assertStrictEquals(websocket.onOpen, hook);
});

/** By kind, what every option of it refuses, and with what. */
const COUNTS = ["maxConnections", "maxConnectionsPerKey", "maxConnecting"];
const INBOX_COUNTS = ["websocket.inbox.capacity", "websocket.inbox.maxBytes"];
const DURATIONS = ["maxIdleTime", "acquireTimeout", "websocket.closeTimeout"];
const POSITIVE_DURATIONS = [
  "maxLifetime",
  "healthCheckInterval",
  "healthCheckTimeout",
  "resetTimeout",
  "leakThreshold",
  "websocket.connectTimeout",
];
const NUMBERS = [
  ...COUNTS,
  ...INBOX_COUNTS,
  "maxWaiting",
  ...DURATIONS,
  ...POSITIVE_DURATIONS,
  "websocket.sendHighWaterMark",
];
const FUNCTIONS = [
  "healthCheck",
  "reset",
  "redactUrl",
  "websocket.onOpen",
  "websocket.factory",
];

Deno.test("3.1, F60 a number of the wrong type is a TypeError that names option and value", () => {
  const wrong: [value: unknown, shown: string][] = [
    ["5", '"5"'],
    [null, "null"],
    [true, "true"],
    [5n, "5"],
    [{}, "object"],
    [[5], "an array"],
    [() => 5, "function"],
  ];
  for (const name of NUMBERS) {
    for (const [value, shown] of wrong) {
      const error = assertThrows(() => resolve(name, value), TypeError);
      assertStringIncludes(error.message, `${name} `);
      assertStringIncludes(error.message, `got ${shown}`);
    }
  }
});

Deno.test("3.1, F60 a number out of range is a RangeError that names option and value", () => {
  const below = [NaN, -1, -Infinity];
  const cases: [names: string[], values: number[]][] = [
    [[...COUNTS, ...INBOX_COUNTS], [...below, 0, 1.5]],
    [["maxWaiting"], [...below, 1.5]],
    [[...DURATIONS, "websocket.sendHighWaterMark"], below],
    [POSITIVE_DURATIONS, [...below, 0]],
    [["websocket.inbox"], [...below, 0, 1.5]],
  ];
  for (const [names, values] of cases) {
    for (const name of names) {
      for (const value of values) {
        const error = assertThrows(() => resolve(name, value), RangeError);
        assertStringIncludes(error.message, name);
        assertStringIncludes(error.message, `got ${value}`);
      }
    }
  }
});

Deno.test("3.1, F60 Infinity and what exceeds 2^31-1 ms are numbers like others", () => {
  for (const name of NUMBERS) {
    resolve(name, Infinity);
    resolve(name, 2 ** 31);
  }
  assertEquals(
    resolveConfig({ maxIdleTime: 2 ** 40 }).limits.maxIdleTime,
    2 ** 40,
  );
});

Deno.test("3.1 a hook that is no function is a TypeError that names option and value", () => {
  for (const name of FUNCTIONS) {
    for (
      const [value, shown] of [[5, "5"], ["f", '"f"'], [null, "null"], [
        {},
        "object",
      ]]
    ) {
      const error = assertThrows(() => resolve(name, value), TypeError);
      assertStringIncludes(error.message, `${name} `);
      assertStringIncludes(error.message, `got ${shown}`);
    }
  }
});

Deno.test("3.1 a choice takes its words only", () => {
  const names = [
    "idleMessages",
    "websocket.onInvalid",
    "websocket.codec",
    "websocket.inbox.overflow",
  ];
  for (const name of names) {
    const error = assertThrows(() => resolve(name, "no-word"), RangeError);
    assertStringIncludes(error.message, name);
    assertStringIncludes(error.message, 'got "no-word"');
    assertThrows(() => resolve(name, "constructor"), RangeError);
    for (const value of [5, null, true]) {
      const error = assertThrows(() => resolve(name, value), TypeError);
      assertStringIncludes(error.message, name);
      assertStringIncludes(error.message, `got ${value}`);
    }
  }
});

Deno.test("3.1 an object of the wrong shape is a TypeError that names the option", () => {
  const half = { encode: () => "" };
  const cases: [name: string, values: unknown[]][] = [
    ["websocket", [null, 5, "wss://h", [], () => {}]],
    ["websocket.inbox", [null, "5", true, []]],
    ["websocket.codec", [half, [], () => {}]],
    ["websocket.schema", [null, 5, {}, { "~standard": {} }]],
    ["logger", [null, 5, {}, { ...console, warn: undefined }]],
    ["websocket.protocols", [5, null, {}, [5], [""], ["a b"], ["a,b"]]],
    ["websocket.headers", [5, null, "a: b", { "a b": "c" }, { a: "b\r\nc" }]],
    ["websocket.identity", [5, null, {}]],
    ["baseUrl", [5, null, {}, "", "/v1", "ftp://h", "wss://h/#x"]],
  ];
  for (const [name, values] of cases) {
    for (const value of values) {
      const error = assertThrows(() => resolve(name, value), TypeError);
      assertStringIncludes(error.message, name);
    }
  }
  for (const config of [null, 5, "wss://h", [], () => {}]) {
    assertThrows(
      // @ts-expect-error: not what the signature takes
      () => resolveConfig(config),
      TypeError,
      "ConnectionPoolConfig must be an object",
    );
  }
});

Deno.test("3.1 an unknown option is a TypeError that names it", () => {
  for (
    const name of [
      "maxConnection",
      "websocket.header",
      "websocket.inbox.size",
      "constructor",
    ]
  ) {
    const last = name.split(".").at(-1);
    assertThrows(() => resolve(name, undefined), TypeError, `"${last}"`);
  }
});

Deno.test("3.1, F87 an own __proto__ is an unknown option, not a prototype", () => {
  const config = JSON.parse('{"__proto__":{"maxConnections":1}}');
  assertThrows(() => resolveConfig(config), TypeError, "__proto__");
});

Deno.test("3.1, F60 only own properties are options", () => {
  const config = Object.create({ maxConnections: 1, nonsense: 1 });
  config.maxConnecting = 2;
  const { limits } = resolveConfig(config);
  assertEquals(limits.maxConnections, 10);
  assertEquals(limits.maxConnecting, 2);
});

Deno.test("3.1, F60 each getter is read once", () => {
  const reads: string[] = [];
  const once = (name: string, value: unknown) => ({
    enumerable: true,
    get() {
      reads.push(name);
      return value;
    },
  });
  const inbox = Object.defineProperties({}, { capacity: once("capacity", 5) });
  const websocket = Object.defineProperties({}, {
    connectTimeout: once("connectTimeout", 1),
    inbox: once("inbox", inbox),
    identity: once("identity", "bot"),
  });
  const config = Object.defineProperties({}, {
    baseUrl: once("baseUrl", "wss://h"),
    maxConnections: once("maxConnections", 3),
    healthCheck: once("healthCheck", () => true),
    websocket: once("websocket", websocket),
  });
  assertEquals(resolveConfig(config).limits.maxConnections, 3);
  assertEquals(
    reads.sort(),
    [
      "baseUrl",
      "capacity",
      "connectTimeout",
      "healthCheck",
      "identity",
      "inbox",
      "maxConnections",
      "websocket",
    ],
  );
});

Deno.test("3.1, F60 a mutation after construction changes nothing", () => {
  const baseUrl = new URL("wss://h/v1");
  const protocols = ["a"];
  const headers = new Headers({ a: "1" });
  const inbox = { capacity: 5 };
  const websocket = { protocols, headers, inbox, connectTimeout: 1 };
  const config = { baseUrl, maxConnections: 3, websocket };
  const resolved = resolveConfig(config);
  baseUrl.pathname = "/v2";
  protocols.push("b");
  headers.set("a", "2");
  inbox.capacity = 6;
  websocket.connectTimeout = 2;
  config.maxConnections = 4;
  assertEquals(resolved.baseUrl?.href, "wss://h/v1");
  assertEquals(resolved.websocket.protocols, ["a"]);
  assertNotStrictEquals(resolved.websocket.headers, headers);
  assertEquals(resolved.websocket.headers?.get("a"), "1");
  assertEquals(resolved.websocket.inbox.capacity, 5);
  assertEquals(resolved.limits.connectTimeout, 1);
  assertEquals(resolved.limits.maxConnections, 3);
});

Deno.test("4.11, F86 an error about a secret option does not show its value", () => {
  const secret = "s3cret";
  const cases: [name: string, value: unknown][] = [
    ["baseUrl", `wss://u:${secret}@h:99999/`],
    ["baseUrl", `/${secret}`],
    ["baseUrl", `ftp://${secret}@h`],
    ["baseUrl", [secret]],
    ["websocket.headers", { authorization: `${secret}\r\nx` }],
    ["websocket.headers", { [`a ${secret}`]: "x" }],
    ["websocket.headers", secret],
    ["websocket.protocols", `${secret} `],
    ["websocket.protocols", [secret, secret]],
    ["websocket.identity", [secret]],
  ];
  for (const [name, value] of cases) {
    const error = assertThrows(() => resolve(name, value), TypeError);
    assertStringIncludes(error.message, name);
    assertFalse(Deno.inspect(error).includes(secret), error.message);
  }
  assertThrows(
    // @ts-expect-error: the URL where the options belong
    () => resolveConfig(`wss://h/?token=${secret}`),
    TypeError,
    "got string",
  );
});

Deno.test("3.1 a subprotocol named twice is a TypeError, in whatever case", () => {
  // The runtimes' constructors refuse both, at every dial.
  for (const protocols of [["a", "a"], ["Chat", "chat"]]) {
    assertThrows(() => new WebSocket("ws://localhost", protocols));
    assertThrows(
      () => resolveConfig({ websocket: { protocols } }),
      TypeError,
      "twice",
    );
  }
});

Deno.test("3.1 a long string is cut in an error", () => {
  const error = assertThrows(
    () => resolve("maxConnections", "x".repeat(10_000)),
    TypeError,
  );
  assertEquals(error.message.length < 200, true, error.message);
});
