import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotStrictEquals,
  assertObjectMatch,
  assertStrictEquals,
} from "@std/assert";
import { resolveConfig } from "../../src/config.ts";
import type { Limits } from "../../src/core/limits.ts";
import type { HeadersFunction } from "../../src/websocket_config.ts";

/** Headers that are not a function. */
function headersOf(
  { headers }: { headers: Headers | HeadersFunction | undefined },
): Headers {
  assertInstanceOf(headers, Headers);
  return headers;
}

const BACKOFF = {
  minDelay: 1_000,
  maxDelay: 60_000,
  multiplier: 2,
  jitter: 1,
  resetAfter: 60_000,
};

Deno.test("3.1 the defaults are those of the table", () => {
  for (const config of [undefined, {}, { websocket: {} }]) {
    const { limits: _, websocket, ...options } = resolveConfig(config);
    const expected: unknown = {
      baseUrl: undefined,
      maxConnections: 10,
      maxConnectionsPerKey: Infinity,
      maxConnecting: 4,
      maxWaiting: Infinity,
      maxIdleTime: 300_000,
      maxLifetime: Infinity,
      healthCheckInterval: 30_000,
      healthCheckTimeout: 5_000,
      healthCheck: undefined,
      acquireTimeout: 10_000,
      reset: undefined,
      resetTimeout: 5_000,
      idleMessages: "discard",
      leakThreshold: Infinity,
      connectRate: undefined,
      redactUrl: undefined,
      logger: undefined,
    };
    assertEquals(options, expected);
    const expectedOfSockets: unknown = {
      protocols: [],
      headers: undefined,
      identity: "",
      resolveUrl: undefined,
      reconnect: { backoff: BACKOFF, maxReconnectAttempts: 0 },
      heartbeat: undefined,
      classify: undefined,
      connectTimeout: 5_000,
      closeTimeout: 5_000,
      codec: "json",
      schema: undefined,
      onInvalid: "throw",
      inbox: { capacity: 10_000, maxBytes: 64 * 1024 ** 2, overflow: "error" },
      sendHighWaterMark: 1024 ** 2,
      onOpen: undefined,
      factory: undefined,
    };
    assertEquals(websocket, expectedOfSockets);
  }
});

Deno.test("3.1 the limits are the options by the same names, of the pool and of its connections", () => {
  const { limits } = resolveConfig({
    maxConnections: 3,
    leakThreshold: 5,
    connectRate: { limit: 300, interval: 300_000 },
    websocket: { reconnect: true, connectTimeout: 6, closeTimeout: 7 },
  });
  const { maxProbing, ...expected }: Limits = {
    maxConnections: 3,
    maxConnectionsPerKey: Infinity,
    maxConnecting: 4,
    maxWaiting: Infinity,
    maxIdleTime: 300_000,
    maxLifetime: Infinity,
    healthCheckInterval: 30_000,
    healthCheckTimeout: 5_000,
    maxProbing: limits.maxProbing,
    connectTimeout: 6,
    resetTimeout: 5_000,
    closeTimeout: 7,
    leakThreshold: 5,
    backoff: BACKOFF,
    maxReconnectAttempts: Infinity,
    connectRate: { limit: 300, interval: 300_000 },
  };
  assertObjectMatch(limits, expected);
  assert(maxProbing >= 1);
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
  const classify = () => "retry" as const;
  const resolveUrl = () => "wss://h";
  const ping = { op: "ping" };
  const isPong = () => true;
  const reply = () => undefined;
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
    connectRate: { limit: 300, interval: 300_000 },
    websocket: {
      protocols: "a",
      headers,
      identity: "bot",
      resolveUrl,
      reconnect: {
        minDelay: 8,
        maxDelay: 9,
        multiplier: 1,
        jitter: 0,
        maxAttempts: 10,
        resetAfter: 0,
      },
      heartbeat: {
        interval: 12,
        timeout: 11,
        ping,
        isPong,
        reply,
        raw: false,
        maxSilence: 13,
      },
      classify,
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
  assertObjectMatch(limits, {
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
    backoff: {
      minDelay: 8,
      maxDelay: 9,
      multiplier: 1,
      jitter: 0,
      resetAfter: 0,
    },
    maxReconnectAttempts: 10,
    connectRate: { limit: 300, interval: 300_000 },
  });
  assertEquals(config.acquireTimeout, 0);
  assertEquals(config.idleMessages, "retire");
  assertStrictEquals(config.reset, hook);
  assertStrictEquals(config.logger, console);
  assertEquals(websocket.protocols, ["a"]);
  assertEquals(headersOf(websocket).get("x-a"), "1");
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
  assertStrictEquals(websocket.classify, classify);
  assertStrictEquals(websocket.resolveUrl, resolveUrl);
  const { policy, speech } = websocket.heartbeat ?? {};
  assertEquals(policy, { interval: 12, timeout: 11, maxSilence: 13 });
  assertStrictEquals(speech?.ping, ping);
  assertStrictEquals(speech?.isPong, isPong);
  assertStrictEquals(speech?.reply, reply);
  assertEquals(speech?.raw, false);
});

Deno.test("3.1 a function for the headers is kept, and not asked here", () => {
  const headers = () => {
    throw new Error("asked");
  };
  const { websocket } = resolveConfig({ websocket: { headers } });
  assertStrictEquals(websocket.headers, headers);
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
  const reconnect = Object.defineProperties({}, {
    minDelay: once("minDelay", 5),
  });
  const heartbeat = Object.defineProperties({}, {
    interval: once("interval", 5),
    ping: once("ping", "ping"),
  });
  const connectRate = Object.defineProperties({}, {
    limit: once("limit", 5),
    interval: once("rate interval", 5),
  });
  const websocket = Object.defineProperties({}, {
    connectTimeout: once("connectTimeout", 1),
    inbox: once("inbox", inbox),
    identity: once("identity", "bot"),
    reconnect: once("reconnect", reconnect),
    heartbeat: once("heartbeat", heartbeat),
  });
  const config = Object.defineProperties({}, {
    baseUrl: once("baseUrl", "wss://h"),
    maxConnections: once("maxConnections", 3),
    healthCheck: once("healthCheck", () => true),
    connectRate: once("connectRate", connectRate),
    websocket: once("websocket", websocket),
  });
  assertEquals(resolveConfig(config).limits.maxConnections, 3);
  assertEquals(
    reads.sort(),
    [
      "baseUrl",
      "capacity",
      "connectRate",
      "connectTimeout",
      "healthCheck",
      "heartbeat",
      "identity",
      "inbox",
      "interval",
      "limit",
      "maxConnections",
      "minDelay",
      "ping",
      "rate interval",
      "reconnect",
      "websocket",
    ],
  );
});

Deno.test("3.1, F60 a mutation after construction changes nothing", () => {
  const baseUrl = new URL("wss://h/v1");
  const protocols = ["a"];
  const headers = new Headers({ a: "1" });
  const inbox = { capacity: 5 };
  const reconnect = { minDelay: 5 };
  const heartbeat = { interval: 5, ping: "a" };
  const connectRate = { limit: 5, interval: 5 };
  const websocket = {
    protocols,
    headers,
    inbox,
    reconnect,
    heartbeat,
    connectTimeout: 1,
  };
  const config = { baseUrl, maxConnections: 3, connectRate, websocket };
  const resolved = resolveConfig(config);
  baseUrl.pathname = "/v2";
  protocols.push("b");
  headers.set("a", "2");
  inbox.capacity = 6;
  reconnect.minDelay = 6;
  heartbeat.interval = 6;
  heartbeat.ping = "b";
  connectRate.limit = 6;
  websocket.connectTimeout = 2;
  config.maxConnections = 4;
  assertEquals(resolved.baseUrl?.href, "wss://h/v1");
  assertEquals(resolved.websocket.protocols, ["a"]);
  assertNotStrictEquals(resolved.websocket.headers, headers);
  assertEquals(headersOf(resolved.websocket).get("a"), "1");
  assertEquals(resolved.websocket.inbox.capacity, 5);
  assertEquals(resolved.limits.backoff.minDelay, 5);
  assertEquals(resolved.websocket.heartbeat?.policy.interval, 5);
  assertEquals(resolved.websocket.heartbeat?.speech.ping, "a");
  assertEquals(resolved.limits.connectRate?.limit, 5);
  assertEquals(resolved.limits.connectTimeout, 1);
  assertEquals(resolved.limits.maxConnections, 3);
});
