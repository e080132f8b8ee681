import { typeName } from "../checks.ts";
import { InvalidMessageError } from "../errors.ts";
import type {
  Codec,
  SendData,
  StandardSchemaIssue,
  StandardSchemaResult,
  StandardSchemaV1,
  WireData,
} from "../options.ts";
import { ignoreRejection, isThenable } from "../thrown.ts";
import type { ResolvedWebSocket } from "../websocket_config.ts";

/** The two directions of a connection's codec, schema included. */
export interface Translation<Incoming, Outgoing> {
  /** @throws {TypeError} If the message cannot be carried */
  encode(message: Outgoing): string | ArrayBuffer | ArrayBufferView;
  /** @throws {InvalidMessageError} If the data is no valid message */
  decode(data: WireData): Incoming;
}

/** Bytes of binary data, UTF-16 code units of text. */
export function sizeOf(data: SendData): number {
  if (typeof data === "string") return data.length;
  return data instanceof Blob ? data.size : data.byteLength;
}

// `json`, `text` and `raw` produce `Incoming` and take `Outgoing` by the
// caller's word alone: a type parameter cannot be checked at run time. This is
// the one place where that word is taken.
// deno-lint-ignore no-explicit-any -- see above
type Trusted = any;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function toText(data: WireData): string {
  return typeof data === "string" ? data : utf8.decode(data);
}

function encodeJson(message: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(message);
  } catch {
    // The runtime's words quote property names, which are content.
    throw new TypeError(
      "The message cannot be carried as JSON: it holds a cycle, a BigInt or a toJSON that throws",
    );
  }
  if (text === undefined) {
    throw new TypeError(
      `The message cannot be carried as JSON: it is ${typeof message}`,
    );
  }
  return text;
}

function encodeText(message: unknown): string {
  if (typeof message === "string") return message;
  throw new TypeError(
    `The codec "text" sends strings, got ${typeof message}`,
  );
}

function isWireData(
  data: unknown,
): data is string | ArrayBuffer | ArrayBufferView {
  return typeof data === "string" || data instanceof ArrayBuffer ||
    ArrayBuffer.isView(data);
}

function encodeRaw(message: unknown): string | ArrayBuffer | ArrayBufferView {
  if (isWireData(message)) return message;
  throw new TypeError(
    `The codec "raw" sends a string, an ArrayBuffer or a view of one, got ${typeof message}`,
  );
}

const CODECS: Record<"json" | "text" | "raw", Codec<Trusted, Trusted>> = {
  json: {
    encode: encodeJson,
    decode: (data) => JSON.parse(toText(data)),
  },
  text: { encode: encodeText, decode: toText },
  raw: { encode: encodeRaw, decode: (data) => data },
};

/** Makes the translation that a pool's options ask for. */
export function createTranslation<Incoming, Outgoing>(
  { codec, schema }: Pick<
    ResolvedWebSocket<Incoming, Outgoing>,
    "codec" | "schema"
  >,
): Translation<Incoming, Outgoing> {
  const chosen: Codec<Incoming, Outgoing> = typeof codec === "string"
    ? CODECS[codec]
    : codec;
  function decode(data: WireData): Incoming {
    let message: Incoming;
    try {
      message = chosen.decode(data);
    } catch {
      // The parser's text may quote the message, so nothing of it is kept.
      throw new InvalidMessageError({
        message: `A message of ${sizeOf(data)} bytes could not be decoded. ` +
          'Check the option websocket.codec, or set onInvalid: "skip"',
        size: sizeOf(data),
        issues: [],
      });
    }
    // The pool's own codecs make no promises: nothing to look for.
    if (typeof codec === "string") return message;
    return requireValue(message, "websocket.codec decodes asynchronously");
  }
  return {
    encode: (message) => requireWireData(chosen.encode(message)),
    decode: schema === undefined
      ? decode
      : (data) => validate(schema, decode(data), sizeOf(data)),
  };
}

/** A runtime would send `String(data)` of anything else. */
function requireWireData<T>(encoded: T): T {
  const data = requireValue(encoded, "websocket.codec encodes asynchronously");
  if (isWireData(data)) return data;
  throw new TypeError(
    "encode of websocket.codec must return a string, an ArrayBuffer or a " +
      `view of one, got ${typeName(data)}`,
  );
}

/**
 * What user code gave back at once.
 *
 * @throws {TypeError} If it gave a promise, or anything that a promise would wait for: a reader's would, past its timeout
 */
export function requireValue<T>(
  result: T | PromiseLike<T>,
  problem: string,
): T {
  if (!isThenable(result)) return result;
  ignoreRejection(result);
  throw new TypeError(`${problem}; only synchronous ones can be used`);
}

const ASYNC = "websocket.schema validates asynchronously";

function validate<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  size: number,
): T {
  const result = runSchema(schema, value, size);
  if (result.issues === undefined) return requireValue(result.value, ASYNC);
  throw new InvalidMessageError({
    message: `A message of ${size} bytes was refused by websocket.schema ` +
      `(${result.issues.length} issues)`,
    size,
    issues: result.issues.map(pathOf),
  });
}

function runSchema<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  size: number,
): StandardSchemaResult<T> {
  let result: ReturnType<typeof schema["~standard"]["validate"]>;
  try {
    result = schema["~standard"].validate(value);
  } catch {
    throw new InvalidMessageError({
      message: `websocket.schema threw on a message of ${size} bytes`,
      size,
      issues: [],
    });
  }
  return requireValue(result, ASYNC);
}

function pathOf({ path = [] }: StandardSchemaIssue): string {
  const keys = path.map((segment) =>
    String(typeof segment === "object" ? segment.key : segment)
  );
  return keys.length === 0 ? "(the message itself)" : keys.join(".");
}
