import {
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { resolveConfig } from "../../src/config.ts";
import { resolveOption } from "../support/resolve_option.ts";

/** By kind, what every option of it refuses, and with what. */
const COUNTS = [
  "maxConnections",
  "maxConnectionsPerKey",
  "maxConnecting",
  "websocket.reconnect.maxAttempts",
];
const INBOX_COUNTS = ["websocket.inbox.capacity", "websocket.inbox.maxBytes"];
const DURATIONS = [
  "maxIdleTime",
  "acquireTimeout",
  "websocket.closeTimeout",
  "websocket.reconnect.maxDelay",
  "websocket.reconnect.resetAfter",
];
const POSITIVE_DURATIONS = [
  "maxLifetime",
  "healthCheckInterval",
  "healthCheckTimeout",
  "resetTimeout",
  "leakThreshold",
  "websocket.connectTimeout",
  "websocket.heartbeat.interval",
  "websocket.heartbeat.maxSilence",
];
const NUMBERS = [
  ...COUNTS,
  ...INBOX_COUNTS,
  "maxWaiting",
  ...DURATIONS,
  ...POSITIVE_DURATIONS,
  "websocket.sendHighWaterMark",
];
/** Below another option's value, or finite. */
const BOUNDED_NUMBERS = [
  "websocket.reconnect.minDelay",
  "websocket.reconnect.multiplier",
  "websocket.reconnect.jitter",
  "websocket.heartbeat.timeout",
];
const FUNCTIONS = [
  "healthCheck",
  "reset",
  "redactUrl",
  "websocket.onOpen",
  "websocket.factory",
  "websocket.classify",
  "websocket.resolveUrl",
  "websocket.heartbeat.isPong",
  "websocket.heartbeat.reply",
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
  for (const name of [...NUMBERS, ...BOUNDED_NUMBERS]) {
    for (const [value, shown] of wrong) {
      const error = assertThrows(() => resolveOption(name, value), TypeError);
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
    [["websocket.heartbeat", "websocket.heartbeat.timeout"], [...below, 0]],
    [["websocket.heartbeat.timeout"], [30_000, Infinity]],
    [["websocket.reconnect.minDelay"], [...below, 60_001, Infinity]],
    [["websocket.reconnect.multiplier"], [...below, 0.9, Infinity]],
    [["websocket.reconnect.jitter"], [...below, 1.1, Infinity]],
  ];
  for (const [names, values] of cases) {
    for (const name of names) {
      for (const value of values) {
        const error = assertThrows(
          () => resolveOption(name, value),
          RangeError,
        );
        assertStringIncludes(error.message, name);
        assertStringIncludes(error.message, `got ${value}`);
      }
    }
  }
});

Deno.test("3.1 connectRate needs a whole limit and an interval, both finite", () => {
  const wrong: [part: "limit" | "interval", values: number[]][] = [
    ["limit", [NaN, -1, 0, 1.5, Infinity]],
    ["interval", [NaN, -1, 0, Infinity]],
  ];
  for (const [part, values] of wrong) {
    for (const value of values) {
      const rate = { limit: 1, interval: 1, [part]: value };
      const error = assertThrows(
        () => resolveOption("connectRate", rate),
        RangeError,
      );
      assertStringIncludes(error.message, `connectRate.${part} `);
      assertStringIncludes(error.message, `got ${value}`);
    }
    const rate = { limit: 1, interval: 1, [part]: "5" };
    const error = assertThrows(
      () => resolveOption("connectRate", rate),
      TypeError,
    );
    assertStringIncludes(error.message, `connectRate.${part} `);
    assertStringIncludes(error.message, 'got "5"');
    const half = { limit: 1, interval: 1, [part]: undefined };
    assertThrows(
      () => resolveOption("connectRate", half),
      TypeError,
      "connectRate",
    );
  }
});

Deno.test("3.1, F60 Infinity and what exceeds 2^31-1 ms are numbers like others", () => {
  for (const name of NUMBERS) {
    resolveOption(name, Infinity);
    resolveOption(name, 2 ** 31);
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
      const error = assertThrows(() => resolveOption(name, value), TypeError);
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
    const error = assertThrows(
      () => resolveOption(name, "no-word"),
      RangeError,
    );
    assertStringIncludes(error.message, name);
    assertStringIncludes(error.message, 'got "no-word"');
    assertThrows(() => resolveOption(name, "constructor"), RangeError);
    for (const value of [5, null, true]) {
      const error = assertThrows(() => resolveOption(name, value), TypeError);
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
    ["websocket.reconnect", [null, 5, "yes", [], () => {}]],
    ["websocket.heartbeat", [null, "5", true, [], () => {}]],
    ["websocket.heartbeat.raw", [null, 0, "true", {}]],
    ["connectRate", [null, 5, "5", true, [], () => {}, {}]],
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
      const error = assertThrows(() => resolveOption(name, value), TypeError);
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
      "websocket.reconnect.delay",
      "websocket.heartbeat.pong",
      "connectRate.max",
      "constructor",
    ]
  ) {
    const last = name.split(".").at(-1);
    assertThrows(() => resolveOption(name, undefined), TypeError, `"${last}"`);
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
    ["websocket.heartbeat", { raw: secret.length, ping: secret }],
    ["websocket.heartbeat", { isPong: 5, ping: secret }],
    ["websocket.heartbeat", secret],
  ];
  for (const [name, value] of cases) {
    const error = assertThrows(() => resolveOption(name, value), TypeError);
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
    () => resolveOption("maxConnections", "x".repeat(10_000)),
    TypeError,
  );
  assertEquals(error.message.length < 200, true, error.message);
});
