import {
  callable,
  choice,
  count,
  duration,
  hasMethods,
  mustBe,
  positiveDuration,
  protocols,
  received,
  secretString,
  tested,
} from "./checks.ts";
import { resolveHeartbeat } from "./heartbeat_config.ts";
import {
  type OptionTable,
  readOptions,
  type Resolved,
} from "./option_table.ts";
import type {
  Codec,
  DialContext,
  InboxConfig,
  StandardSchemaV1,
  WebSocketConfig,
} from "./options.ts";
import { resolveReconnect } from "./reconnect_config.ts";

/** `headers` as a function, asked for every dial. */
export type HeadersFunction = (
  context: DialContext,
) => HeadersInit | Promise<HeadersInit>;

/** Bounds of the unread messages of one connection. */
export type InboxLimits = ReturnType<typeof inbox>;

/** {@linkcode WebSocketConfig}, checked and with its defaults. */
export type ResolvedWebSocket<Incoming, Outgoing> = Resolved<
  ReturnType<typeof webSocketOptions<Incoming, Outgoing>>
>;

function webSocketOptions<Incoming, Outgoing>() {
  return {
    protocols: protocols([]),
    headers: (given) =>
      given === undefined || typeof given === "function"
        ? given
        : toHeaders(given),
    identity: secretString(""),
    resolveUrl: callable(),
    reconnect: resolveReconnect,
    heartbeat: resolveHeartbeat<Incoming, Outgoing>,
    classify: callable(),
    connectTimeout: positiveDuration(5_000),
    closeTimeout: duration(5_000),
    codec: tested<"json" | "text" | "raw" | Codec<Incoming, Outgoing>, "json">(
      "json",
      '"json", "text", "raw" or an object with encode and decode',
      (given) =>
        typeof given === "object"
          ? hasMethods(given, "encode", "decode")
          : ["json", "text", "raw"].includes(given),
      { type: "string" },
    ),
    schema: tested<StandardSchemaV1<unknown, Incoming>, undefined>(
      undefined,
      "a Standard Schema of version 1 (standardschema.dev)",
      (given) => hasMethods(given?.["~standard"], "validate"),
    ),
    onInvalid: choice("throw", "skip"),
    inbox,
    sendHighWaterMark: duration(1_048_576),
    onOpen: callable(),
    factory: callable(),
  } satisfies OptionTable<WebSocketConfig<Incoming, Outgoing>>;
}

/** @throws {TypeError | RangeError} As `resolveConfig` */
export function resolveWebSocket<Incoming, Outgoing>(
  config: WebSocketConfig<Incoming, Outgoing> | undefined,
  name: string,
): ResolvedWebSocket<Incoming, Outgoing> {
  return readOptions(config, name, webSocketOptions<Incoming, Outgoing>());
}

/**
 * A copy of headers.
 *
 * @throws {TypeError} If they cannot be sent; unlike the runtime's, its text quotes nothing, as they may hold a credential
 */
export function toHeaders(given: HeadersInit | undefined): Headers {
  try {
    return new Headers(given);
  } catch {
    throw new TypeError(
      "websocket.headers must be a HeadersInit with valid names and values",
    );
  }
}

function inbox(given: number | InboxConfig | undefined, name: string) {
  const config = typeof given === "number" ? { capacity: given } : given;
  if (config !== undefined && typeof config !== "object") {
    throw new TypeError(
      mustBe(name, "a number or an object", received(config)),
    );
  }
  return readOptions(config, name, {
    capacity: count(10_000, 1),
    maxBytes: count(67_108_864, 1),
    overflow: choice("error", "drop-oldest", "drop-newest"),
  });
}
