import {
  address,
  callable,
  choice,
  count,
  duration,
  finite,
  flag,
  headers,
  type Kind,
  nothing,
  number,
  positive,
  protocols,
  secretText,
  shapes,
  signal,
  withMethods,
} from "./option_kinds.ts";

/** The options of a pool, by their dotted names. */
export const POOL_OPTIONS: Readonly<Record<string, Kind>> = {
  "maxConnections": count,
  "maxConnectionsPerKey": count,
  "maxConnecting": count,
  "maxWaiting": number({ from: 0, isWhole: true }),
  "maxIdleTime": duration,
  "maxLifetime": positive,
  "healthCheckInterval": positive,
  "healthCheckTimeout": positive,
  "healthCheck": callable,
  "acquireTimeout": duration,
  "reset": callable,
  "resetTimeout": positive,
  "idleMessages": choice("discard", "retire"),
  "leakThreshold": positive,
  "redactUrl": callable,
  "websocket.protocols": protocols,
  "websocket.identity": secretText,
  "websocket.resolveUrl": callable,
  "websocket.classify": callable,
  "websocket.onOpen": callable,
  "websocket.factory": callable,
  "websocket.connectTimeout": positive,
  "websocket.closeTimeout": duration,
  "websocket.onInvalid": choice("throw", "skip"),
  "websocket.sendHighWaterMark": duration,
  "websocket.inbox.capacity": count,
  "websocket.inbox.maxBytes": count,
  "websocket.inbox.overflow": choice("error", "drop-oldest", "drop-newest"),
  // Against the defaults of their neighbours.
  "websocket.reconnect.minDelay": number({
    from: 0,
    isOpen: true,
    to: 60_000,
  }),
  "websocket.reconnect.maxDelay": number({ from: 1_000 }),
  "websocket.reconnect.multiplier": finite({ from: 1 }),
  "websocket.reconnect.jitter": number({ from: 0, to: 1 }),
  "websocket.reconnect.maxAttempts": count,
  "websocket.reconnect.resetAfter": duration,
  "websocket.heartbeat.interval": positive,
  "websocket.heartbeat.maxSilence": positive,
  "websocket.heartbeat.reply": callable,
  "websocket.heartbeat.raw": flag,
  "websocket.heartbeat.timeout": number({
    from: 0,
    isOpen: true,
    to: 29_999,
  }),
  "websocket.heartbeat.isPong": callable,
  "connectRate.limit": finite({ from: 1, isWhole: true }),
  "connectRate.interval": finite({ from: 1 }),
  // Of these there are several shapes. Where only an object is left, the type
  // of anything else is told: an address in its place would be a secret.
  "websocket.inbox": shapes(count, false),
  "websocket.heartbeat": shapes(positive, true),
  "websocket.reconnect": shapes(flag, true),
  "websocket.codec": withMethods(
    choice("json", "text", "raw"),
    "encode",
    "decode",
  ),
  "logger": withMethods(nothing, "debug", "info", "warn", "error"),
  "websocket.headers": headers,
  "baseUrl": address,
};

/** What has to be given beside an option for it to be looked at. */
export const BESIDE: Readonly<Record<string, object>> = {
  "connectRate.limit": { interval: 5 },
  "connectRate.interval": { limit: 5 },
  "websocket.heartbeat.isPong": { ping: "ping" },
};

const target = { protocols, identity: secretText };

/** The options of the calls. */
export const CALL_OPTIONS: Readonly<Record<string, Record<string, Kind>>> = {
  acquire: {
    ...target,
    timeout: duration,
    signal,
    fresh: flag,
    onReconnect: callable,
  },
  tryAcquire: target,
  warm: {
    ...target,
    timeout: duration,
    signal,
    count: number({ from: 0, isWhole: true }),
  },
  map: { concurrency: count },
  close: {
    drainTimeout: duration,
    reason: secretText,
  },
  send: { timeout: duration, signal },
  sendRaw: { timeout: duration, signal },
  receive: { timeout: duration, signal },
};
