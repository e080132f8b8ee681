import { parseAbsolute } from "./address.ts";
import {
  callable,
  choice,
  count,
  duration,
  finite,
  hasMethods,
  number,
  positiveDuration,
  tested,
} from "./checks.ts";
import type { Limits } from "./core/limits.ts";
import type { RatePolicy } from "./core/rate_limit.ts";
import {
  type OptionTable,
  readOptions,
  type Resolved,
} from "./option_table.ts";
import type { ConnectionPoolConfig, Logger } from "./options.ts";
import { resolveWebSocket } from "./websocket_config.ts";

/** {@linkcode ConnectionPoolConfig}, checked and with its defaults. */
export type ResolvedConfig<Incoming, Outgoing> =
  & Resolved<ReturnType<typeof poolOptions<Incoming, Outgoing>>>
  & { readonly limits: Limits };

/** Probes under way at once: enough to get round, too few to look like a storm. */
const MAX_PROBING = 4;

function poolOptions<Incoming, Outgoing>() {
  return {
    baseUrl: (given, name) =>
      given === undefined ? undefined : parseAbsolute(given, name),
    maxConnections: count(10, 1),
    maxConnectionsPerKey: count(Infinity, 1),
    maxConnecting: count(4, 1),
    maxWaiting: count(Infinity, 0),
    maxIdleTime: duration(300_000),
    maxLifetime: positiveDuration(Infinity),
    healthCheckInterval: positiveDuration(30_000),
    healthCheckTimeout: positiveDuration(5_000),
    healthCheck: callable(),
    acquireTimeout: duration(10_000),
    reset: callable(),
    resetTimeout: positiveDuration(5_000),
    idleMessages: choice("discard", "retire"),
    leakThreshold: positiveDuration(Infinity),
    connectRate: resolveRate,
    websocket: resolveWebSocket<Incoming, Outgoing>,
    redactUrl: callable(),
    logger: tested<Logger, undefined>(
      undefined,
      "an object with functions debug, info, warn and error",
      (given) => hasMethods(given, "debug", "info", "warn", "error"),
    ),
  } satisfies OptionTable<ConnectionPoolConfig<Incoming, Outgoing>>;
}

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
  const table = poolOptions<Incoming, Outgoing>();
  const resolved = readOptions(config, "ConnectionPoolConfig", table, "");
  const { websocket, ...options } = resolved;
  const { connectTimeout, closeTimeout, reconnect } = websocket;
  const limits: Limits = {
    ...options,
    ...reconnect,
    connectTimeout,
    closeTimeout,
    maxProbing: MAX_PROBING,
  };
  return { ...resolved, limits };
}

function resolveRate(
  rate: RatePolicy | undefined,
  name: string,
): RatePolicy | undefined {
  if (rate === undefined) return undefined;
  const { limit, interval } = readOptions(rate, name, {
    limit: number(
      undefined,
      "a finite integer of at least 1",
      (given) => given >= 1 && Number.isInteger(given),
    ),
    interval: finite(undefined, 1),
  });
  if (limit === undefined || interval === undefined) {
    throw new TypeError(`${name} needs both limit and interval`);
  }
  return { limit, interval };
}
