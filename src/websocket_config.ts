import {
  choiceOption,
  countOption,
  functionOption,
  numberOption,
  ownOptions,
  received,
  secretStringOption,
  typeName,
} from "./checks.ts";
import {
  type ResolvedHeartbeat,
  resolveHeartbeat,
} from "./heartbeat_config.ts";
import type {
  Codec,
  DialContext,
  InboxConfig,
  StandardSchemaV1,
  WebSocketConfig,
} from "./options.ts";

/** Bounds of the unread messages of one connection. */
export interface InboxLimits {
  readonly capacity: number;
  readonly maxBytes: number;
  readonly overflow: "error" | "drop-oldest" | "drop-newest";
}

/** {@linkcode WebSocketConfig}, checked and with its defaults. */
export interface ResolvedWebSocket<Incoming, Outgoing> {
  readonly protocols: readonly string[];
  readonly headers: Headers | HeadersFunction | undefined;
  readonly identity: string;
  readonly codec: "json" | "text" | "raw" | Codec<Incoming, Outgoing>;
  readonly schema: StandardSchemaV1<unknown, Incoming> | undefined;
  readonly onInvalid: "throw" | "skip";
  readonly inbox: InboxLimits;
  readonly sendHighWaterMark: number;
  readonly resolveUrl: WebSocketConfig["resolveUrl"];
  readonly classify: WebSocketConfig["classify"];
  readonly heartbeat: ResolvedHeartbeat<Incoming, Outgoing> | undefined;
  readonly onOpen: WebSocketConfig<Incoming, Outgoing>["onOpen"];
  readonly factory: WebSocketConfig<Incoming, Outgoing>["factory"];
}

export const WEBSOCKET_OPTIONS = [
  "protocols",
  "headers",
  "identity",
  "resolveUrl",
  "reconnect",
  "heartbeat",
  "classify",
  "connectTimeout",
  "closeTimeout",
  "codec",
  "schema",
  "onInvalid",
  "inbox",
  "sendHighWaterMark",
  "onOpen",
  "factory",
] as const satisfies readonly (keyof WebSocketConfig)[];

const INBOX_OPTIONS = [
  "capacity",
  "maxBytes",
  "overflow",
] as const satisfies readonly (keyof InboxConfig)[];

/** @throws {TypeError | RangeError} As `resolveConfig` */
export function resolveWebSocket<Incoming, Outgoing>(
  given: Partial<WebSocketConfig<Incoming, Outgoing>>,
): ResolvedWebSocket<Incoming, Outgoing> {
  return {
    protocols: resolveProtocols(given.protocols, "websocket.protocols"),
    headers: resolveHeaders(given.headers),
    identity: secretStringOption(given.identity, "websocket.identity") ?? "",
    codec: resolveCodec(given.codec),
    schema: resolveSchema(given.schema),
    onInvalid: choiceOption(given.onInvalid, "websocket.onInvalid", [
      "throw",
      "skip",
    ]),
    inbox: resolveInbox(given.inbox),
    sendHighWaterMark: numberOption(
      given.sendHighWaterMark,
      "websocket.sendHighWaterMark",
      1_048_576,
      { minimum: 0 },
    ),
    resolveUrl: functionOption(given.resolveUrl, "websocket.resolveUrl"),
    classify: functionOption(given.classify, "websocket.classify"),
    heartbeat: resolveHeartbeat(given.heartbeat),
    onOpen: functionOption(given.onOpen, "websocket.onOpen"),
    factory: functionOption(given.factory, "websocket.factory"),
  };
}

/** What RFC 6455, section 4.1, lets a subprotocol consist of: an HTTP token. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** @throws {TypeError} If they are not distinct subprotocol names; the text does not quote them */
export function resolveProtocols(
  value: string | readonly string[] | undefined,
  name: string,
): readonly string[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = typeof value === "string" ? [value] : value;
  if (!Array.isArray(list)) {
    throw new TypeError(
      `${name} must be a string or an array of strings, got ${typeName(value)}`,
    );
  }
  const protocols: string[] = [];
  const names = new Set<string>();
  for (const protocol of list) {
    if (typeof protocol !== "string" || !TOKEN.test(protocol)) {
      throw new TypeError(
        `${name} must be HTTP tokens (RFC 6455, section 4.1)`,
      );
    }
    // The runtimes' constructors take names that differ in case alone for one.
    const folded = protocol.toLowerCase();
    if (names.has(folded)) {
      throw new TypeError(`${name} must not name a subprotocol twice`);
    }
    names.add(folded);
    protocols.push(protocol);
  }
  return protocols;
}

/** `headers` as a function, asked for every dial. */
export type HeadersFunction = (
  context: DialContext,
) => HeadersInit | Promise<HeadersInit>;

function resolveHeaders(
  value: WebSocketConfig["headers"],
): Headers | HeadersFunction | undefined {
  if (value === undefined || typeof value === "function") return value;
  try {
    return new Headers(value);
  } catch {
    // The runtime's text may quote a value.
    throw new TypeError(
      "websocket.headers must be a HeadersInit with valid names and values",
    );
  }
}

function resolveCodec<Incoming, Outgoing>(
  value: WebSocketConfig<Incoming, Outgoing>["codec"],
): ResolvedWebSocket<Incoming, Outgoing>["codec"] {
  if (value === undefined || typeof value === "string") {
    return choiceOption<"json" | "text" | "raw">(value, "websocket.codec", [
      "json",
      "text",
      "raw",
    ]);
  }
  if (
    typeof value !== "object" || value === null ||
    typeof value.encode !== "function" || typeof value.decode !== "function"
  ) {
    throw new TypeError(
      `websocket.codec must be "json", "text", "raw" or an object with encode and decode, got ${
        received(value)
      }`,
    );
  }
  return value;
}

function resolveSchema<T>(
  value: StandardSchemaV1<unknown, T> | undefined,
): StandardSchemaV1<unknown, T> | undefined {
  if (value === undefined) return undefined;
  if (typeof value?.["~standard"]?.validate !== "function") {
    throw new TypeError(
      "websocket.schema must implement Standard Schema version 1 " +
        `(standardschema.dev), got ${received(value)}`,
    );
  }
  return value;
}

function resolveInbox(value: number | InboxConfig | undefined): InboxLimits {
  const name = "websocket.inbox";
  if (value !== undefined && typeof value !== "number") {
    if (typeof value !== "object" || value === null) {
      throw new TypeError(
        `${name} must be a number or an object, got ${received(value)}`,
      );
    }
  }
  const given = ownOptions(
    typeof value === "number" ? { capacity: value } : value,
    name,
    INBOX_OPTIONS,
  );
  return {
    capacity: countOption(given.capacity, `${name}.capacity`, 10_000, 1),
    maxBytes: countOption(given.maxBytes, `${name}.maxBytes`, 67_108_864, 1),
    overflow: choiceOption(given.overflow, `${name}.overflow`, [
      "error",
      "drop-oldest",
      "drop-newest",
    ]),
  };
}
