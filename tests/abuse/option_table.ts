import {
  callable,
  choice,
  count,
  duration,
  finite,
  flag,
  type Kind,
  number,
  positive,
  protocols,
  secretText,
  signal,
} from "./option_kinds.ts";

const text = ["json", "text", "raw"] as const;

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
};

/** Options that take several shapes: what is wrong of all of them is a `TypeError`, a word besides a `RangeError`. */
export const WORDS: Readonly<Record<string, readonly string[]>> = {
  "websocket.codec": text,
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
