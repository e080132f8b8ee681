import { parseAbsolute } from "./address.ts";
import {
  choiceOption,
  countOption,
  durationOption,
  functionOption,
  numberOption,
  ownOptions,
  positiveDurationOption,
  received,
} from "./checks.ts";
import type { Limits } from "./core/limits.ts";
import type { RatePolicy } from "./core/rate_limit.ts";
import type { ConnectionPoolConfig, Logger } from "./options.ts";
import { resolveReconnect } from "./reconnect_config.ts";
import {
  type ResolvedWebSocket,
  resolveWebSocket,
  WEBSOCKET_OPTIONS,
} from "./websocket_config.ts";

/** {@linkcode ConnectionPoolConfig}, checked and with its defaults. */
export interface ResolvedConfig<Incoming, Outgoing> {
  readonly baseUrl: URL | undefined;
  readonly limits: Limits;
  readonly acquireTimeout: number;
  readonly healthCheck: ConnectionPoolConfig<Incoming, Outgoing>["healthCheck"];
  readonly reset: ConnectionPoolConfig<Incoming, Outgoing>["reset"];
  readonly idleMessages: "discard" | "retire";
  readonly websocket: ResolvedWebSocket<Incoming, Outgoing>;
  readonly redactUrl: ((url: URL) => string) | undefined;
  readonly logger: Logger | undefined;
}

const POOL_OPTIONS = [
  "baseUrl",
  "maxConnections",
  "maxConnectionsPerKey",
  "maxConnecting",
  "maxWaiting",
  "maxIdleTime",
  "maxLifetime",
  "healthCheckInterval",
  "healthCheckTimeout",
  "healthCheck",
  "acquireTimeout",
  "reset",
  "resetTimeout",
  "idleMessages",
  "leakThreshold",
  "connectRate",
  "websocket",
  "redactUrl",
  "logger",
] as const satisfies readonly (keyof ConnectionPoolConfig)[];

const RATE_OPTIONS = ["limit", "interval"] as const;

/** Probes under way at once: enough to get round, too few to look like a storm. */
const MAX_PROBING = 4;

const DEFAULT_MAX_CONNECTIONS = 10;

/**
 * Checks a pool's options and fills in the defaults, once and for all: what
 * happens to the caller's objects afterwards changes nothing.
 *
 * @throws {TypeError} If an option has the wrong type or an unknown name
 * @throws {RangeError} If an option is out of range
 */
export function resolveConfig<Incoming, Outgoing>(
  config: ConnectionPoolConfig<Incoming, Outgoing> | undefined,
): ResolvedConfig<Incoming, Outgoing> {
  const given = ownOptions(config, "ConnectionPoolConfig", POOL_OPTIONS);
  const socket = ownOptions(given.websocket, "websocket", WEBSOCKET_OPTIONS);
  const reconnect = resolveReconnect(socket.reconnect);
  const limits: Limits = {
    maxConnections: countOption(
      given.maxConnections,
      "maxConnections",
      DEFAULT_MAX_CONNECTIONS,
      1,
    ),
    maxConnectionsPerKey: countOption(
      given.maxConnectionsPerKey,
      "maxConnectionsPerKey",
      Infinity,
      1,
    ),
    maxConnecting: countOption(given.maxConnecting, "maxConnecting", 4, 1),
    maxWaiting: countOption(given.maxWaiting, "maxWaiting", Infinity, 0),
    maxIdleTime: durationOption(given.maxIdleTime, "maxIdleTime", 300_000),
    maxLifetime: positiveDurationOption(
      given.maxLifetime,
      "maxLifetime",
      Infinity,
    ),
    healthCheckInterval: positiveDurationOption(
      given.healthCheckInterval,
      "healthCheckInterval",
      30_000,
    ),
    healthCheckTimeout: positiveDurationOption(
      given.healthCheckTimeout,
      "healthCheckTimeout",
      5_000,
    ),
    maxProbing: MAX_PROBING,
    connectTimeout: positiveDurationOption(
      socket.connectTimeout,
      "websocket.connectTimeout",
      5_000,
    ),
    resetTimeout: positiveDurationOption(
      given.resetTimeout,
      "resetTimeout",
      5_000,
    ),
    closeTimeout: durationOption(
      socket.closeTimeout,
      "websocket.closeTimeout",
      5_000,
    ),
    leakThreshold: positiveDurationOption(
      given.leakThreshold,
      "leakThreshold",
      Infinity,
    ),
    backoff: reconnect.backoff,
    maxReconnectAttempts: reconnect.maxAttempts,
    connectRate: resolveRate(given.connectRate),
  };
  return {
    baseUrl: given.baseUrl === undefined
      ? undefined
      : parseAbsolute(given.baseUrl, "baseUrl"),
    limits,
    acquireTimeout: durationOption(
      given.acquireTimeout,
      "acquireTimeout",
      10_000,
    ),
    healthCheck: functionOption(given.healthCheck, "healthCheck"),
    reset: functionOption(given.reset, "reset"),
    idleMessages: choiceOption(given.idleMessages, "idleMessages", [
      "discard",
      "retire",
    ]),
    websocket: resolveWebSocket(socket),
    redactUrl: functionOption(given.redactUrl, "redactUrl"),
    logger: resolveLogger(given.logger),
  };
}

function resolveRate(
  value: ConnectionPoolConfig["connectRate"],
): RatePolicy | undefined {
  if (value === undefined) return undefined;
  const given = ownOptions(value, "connectRate", RATE_OPTIONS);
  if (given.limit === undefined || given.interval === undefined) {
    throw new TypeError("connectRate needs both limit and interval");
  }
  return {
    limit: numberOption(given.limit, "connectRate.limit", 1, {
      minimum: 1,
      integer: true,
      finite: true,
    }),
    interval: numberOption(given.interval, "connectRate.interval", 1, {
      minimum: 1,
      finite: true,
    }),
  };
}

function resolveLogger(value: Logger | undefined): Logger | undefined {
  if (value === undefined) return undefined;
  for (const level of ["debug", "info", "warn", "error"] as const) {
    if (typeof value?.[level] !== "function") {
      throw new TypeError(
        `logger must have a function "${level}", got ${received(value)}`,
      );
    }
  }
  return value;
}
