import {
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { InvalidMessageError } from "../../../src/errors.ts";
import { createTranslation, sizeOf } from "../../../src/io/codec.ts";
import type {
  Codec,
  StandardSchemaIssue,
  StandardSchemaResult,
  StandardSchemaV1,
} from "../../../src/options.ts";

type AnyCodec = "json" | "text" | "raw" | Codec;

const SECRET = "s3cret";

function translation(codec: AnyCodec, schema?: StandardSchemaV1<unknown>) {
  return createTranslation<unknown, unknown>({ codec, schema });
}

function bytes(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).buffer;
}

const INVALID_UTF8 = new Uint8Array([0x61, 0xff, 0x61]).buffer;

/** What `decode` throws for a bad message: an error that holds its size only. */
function refusal(decode: () => unknown): InvalidMessageError {
  const error = assertThrows(decode, InvalidMessageError);
  assertFalse(Deno.inspect(error, { showHidden: true }).includes(SECRET));
  assertEquals(error.cause, undefined);
  return error;
}

Deno.test("3.1 json: text and binary frames are JSON", () => {
  const { encode, decode } = translation("json");
  assertEquals(encode({ a: [1, null, "x"] }), '{"a":[1,null,"x"]}');
  assertEquals(encode("x"), '"x"');
  assertEquals(encode(null), "null");
  assertEquals(decode('{"a":1}'), { a: 1 });
  assertEquals(decode(bytes('{"a":"é"}')), { a: "é" });
  assertEquals(decode("null"), null);
});

Deno.test("3.1 json: what JSON cannot carry is a TypeError without content", () => {
  const { encode } = translation("json");
  const cycle: Record<string, unknown> = { [SECRET]: 1 };
  cycle[`${SECRET}2`] = { inner: cycle };
  const broken = {
    toJSON() {
      throw new Error(SECRET);
    },
  };
  const values: unknown[] = [
    undefined,
    () => SECRET,
    Symbol(SECRET),
    cycle,
    { [SECRET]: 1n },
    broken,
    { toJSON: () => undefined },
  ];
  for (const value of values) {
    const error = assertThrows(() => encode(value), TypeError, "JSON");
    assertFalse(Deno.inspect(error).includes(SECRET), error.message);
  }
});

Deno.test("F55 json: an undecodable message is an InvalidMessageError with its size", () => {
  const { decode } = translation("json");
  for (const text of ["", "{", `{"${SECRET}":}`, `${SECRET}`, "undefined"]) {
    const error = refusal(() => decode(text));
    assertEquals(error.size, text.length);
    assertEquals(error.issues, []);
  }
  assertEquals(refusal(() => decode(INVALID_UTF8)).size, 3);
});

Deno.test("F66 text: strings both ways, binary is fatal UTF-8", () => {
  const { encode, decode } = translation("text");
  assertEquals(encode("x"), "x");
  assertEquals(decode("{"), "{");
  assertEquals(decode(bytes("é")), "é");
  assertEquals(refusal(() => decode(INVALID_UTF8)).size, 3);
  // The decoder is fit for the next message.
  assertEquals(decode(bytes("é")), "é");
  for (const value of [5, undefined, { SECRET }, new ArrayBuffer(1)]) {
    assertThrows(() => encode(value), TypeError, "sends strings");
  }
});

Deno.test("F66 raw: data goes through untouched", () => {
  const { encode, decode } = translation("raw");
  const buffer = bytes("x");
  const view = new Uint16Array(2);
  for (const data of ["x", buffer, view]) {
    assertStrictEquals(encode(data), data);
  }
  assertStrictEquals(decode(buffer), buffer);
  assertStrictEquals(decode("x"), "x");
  for (const value of [5, undefined, null, { SECRET }, [1]]) {
    assertThrows(() => encode(value), TypeError, '"raw"');
  }
});

Deno.test("3.1 a codec of one's own is called as a method", () => {
  class Rot implements Codec<string, string> {
    readonly #shift = 1;
    encode(message: string): string {
      return String.fromCharCode(message.charCodeAt(0) + this.#shift);
    }
    decode(data: string | ArrayBuffer): string {
      return String.fromCharCode(String(data).charCodeAt(0) - this.#shift);
    }
  }
  const { encode, decode } = createTranslation({
    codec: new Rot(),
    schema: undefined,
  });
  assertEquals(encode("a"), "b");
  assertEquals(decode("b"), "a");
});

Deno.test("F55 a codec that throws: its own error at send, none of it at receive", () => {
  const own = new RangeError("too large");
  const { encode, decode } = translation({
    encode() {
      throw own;
    },
    decode(data) {
      throw new Error(`${SECRET} ${data}`);
    },
  });
  assertStrictEquals(assertThrows(() => encode("x")), own);
  assertEquals(refusal(() => decode("abc")).size, 3);
});

Deno.test("F55 a codec that encodes to nonsense is a TypeError, nothing is sent", () => {
  const nonsense: unknown[] = [
    undefined,
    null,
    5,
    { SECRET },
    new Blob(["x"]),
    Promise.resolve("x"),
    // It must not become an unhandled rejection.
    Promise.reject(new Error(SECRET)),
  ];
  for (const value of nonsense) {
    const { encode } = translation({
      // @ts-expect-error: not what a codec may return
      encode: () => value,
      decode: String,
    });
    const error = assertThrows(() => encode("x"), TypeError, "codec");
    assertFalse(error.message.includes(SECRET));
  }
});

Deno.test("F55 a codec that decodes to a promise is a TypeError", async () => {
  const { decode } = translation({
    encode: String,
    decode: () => Promise.reject(new Error(SECRET)),
  });
  assertThrows(() => decode("x"), TypeError, "asynchronously");
  // An unhandled rejection would fail the test.
  for (let turn = 0; turn < 5; turn++) await undefined;
});

function schemaOf(
  validate: (
    value: unknown,
  ) => StandardSchemaResult<unknown> | Promise<StandardSchemaResult<unknown>>,
): StandardSchemaV1<unknown> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

Deno.test("3.1 a schema sees what the codec decoded and has the last word", () => {
  const seen: unknown[] = [];
  const schema = schemaOf((value) => {
    seen.push(value);
    return { value: "transformed" };
  });
  assertEquals(translation("json", schema).decode('{"a":1}'), "transformed");
  assertEquals(seen, [{ a: 1 }]);
  refusal(() => translation("json", schema).decode("{"));
  assertEquals(seen.length, 1);
});

Deno.test("4.11 issues carry paths, not values or the library's words", () => {
  const issues: StandardSchemaIssue[] = [
    { message: `got ${SECRET}` },
    { message: `got ${SECRET}`, path: [] },
    { message: `got ${SECRET}`, path: ["user", "name"] },
    { message: `got ${SECRET}`, path: ["list", 0, { key: "id" }] },
    { message: `got ${SECRET}`, path: [Symbol("tag")] },
    { message: `got ${SECRET}`, path: undefined },
  ];
  const { decode } = translation("text", schemaOf(() => ({ issues })));
  const error = refusal(() => decode(SECRET));
  assertEquals(error.issues, [
    "(the message itself)",
    "(the message itself)",
    "user.name",
    "list.0.id",
    "Symbol(tag)",
    "(the message itself)",
  ]);
  assertEquals(error.size, SECRET.length);
});

Deno.test("F55 a schema that throws is an InvalidMessageError without its words", () => {
  const schema = schemaOf((value) => {
    throw new Error(`cannot check ${value}`);
  });
  const error = refusal(() => translation("text", schema).decode(SECRET));
  assertEquals([error.size, error.issues], [SECRET.length, []]);
});

Deno.test("4.11 a schema that returns a promise is a TypeError", async () => {
  for (
    const result of [
      Promise.resolve({ value: 1 }),
      Promise.reject(new Error(SECRET)),
    ]
  ) {
    const { decode } = translation("text", schemaOf(() => result));
    const error = assertThrows(() => decode("x"), TypeError, "asynchronously");
    assertFalse(error instanceof InvalidMessageError);
    assertFalse(error.message.includes(SECRET));
  }
  // An unhandled rejection would fail the test.
  for (let turn = 0; turn < 5; turn++) await undefined;
});

Deno.test("3.4 sizes: bytes of binary data, UTF-16 code units of text", () => {
  assertEquals(sizeOf("é😀"), 3);
  assertEquals(sizeOf(bytes("é")), 2);
  assertEquals(sizeOf(new Uint16Array(4).subarray(1)), 6);
  assertEquals(sizeOf(new Blob(["abc"])), 3);
});

Deno.test("4.9 F55 what a promise would wait for is no message, whoever made it", () => {
  const thenable = { then() {} };
  const asynchronous = { encode: () => "", decode: () => thenable };
  const { decode } = createTranslation({
    codec: asynchronous,
    schema: undefined,
  });
  assertThrows(() => decode("x"), TypeError, "asynchronously");
  const validated = createTranslation({
    codec: "json",
    schema: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ value: thenable }),
      },
    },
  });
  assertThrows(() => validated.decode("1"), TypeError, "asynchronously");
  // What only looks like one is a message.
  const plain = createTranslation({ codec: "json", schema: undefined });
  assertEquals(plain.decode('{"then":1}'), { then: 1 });
});
