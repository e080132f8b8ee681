import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  callable,
  choice,
  count,
  duration,
  type Option,
  secretString,
} from "../../src/checks.ts";
import { copyOwn, readOptions } from "../../src/option_table.ts";

interface Inner {
  size?: number;
}

interface Sample {
  count?: number;
  word?: "a" | "b";
  hook?: (text: string) => void;
  inner?: Inner;
}

function inner(given: Inner | undefined, name: string) {
  return readOptions(given, name, { size: count(7, 1) });
}

function read(given: Sample | undefined, prefix?: string) {
  return readOptions(given, "sample", {
    count: count(5, 1),
    word: choice("a", "b"),
    hook: callable(),
    inner,
  }, prefix);
}

/** Untyped values are what is tested. */
function untyped(value: unknown): undefined {
  const { given }: { given?: never } = Object.fromEntries([["given", value]]);
  return given;
}

Deno.test("3.1 what is not given, or is undefined, is the default, in objects of objects too", () => {
  const defaults = {
    count: 5,
    word: "a" as const,
    hook: undefined,
    inner: { size: 7 },
  };
  assertEquals(read(undefined), defaults);
  assertEquals(read({}), defaults);
  assertEquals(read({ count: undefined, inner: undefined }), defaults);
  assertEquals(read({ inner: {} }), defaults);
});

Deno.test("3.1 what is given stands, with its own type", () => {
  const hook = (text: string) => void text;
  const resolved = read({ count: 1, word: "b", hook, inner: { size: 2 } });
  const typed: {
    readonly count: number;
    readonly word: "a" | "b";
    readonly hook: ((text: string) => void) | undefined;
    readonly inner: { readonly size: number };
  } = resolved;
  assertEquals(typed, { count: 1, word: "b", hook, inner: { size: 2 } });
  assertStrictEquals(typed.hook, hook);
});

Deno.test("3.1 errors name an option by where it stands", () => {
  const cases: [given: unknown, subject: string][] = [
    [{ count: 0 }, "sample.count"],
    [{ inner: { size: "2" } }, "sample.inner.size"],
    [{ inner: { length: 2 } }, "sample.inner"],
    [{ inner: 5 }, "sample.inner"],
    [{ counts: 5 }, "sample"],
    [5, "sample"],
  ];
  for (const [given, subject] of cases) {
    const error = assertThrows(() => read(untyped(given)), Error);
    assertEquals(error.message.split(" ")[0], subject);
  }
  assertThrows(
    () => read({ count: 0 }, ""),
    RangeError,
    "count must be an integer of at least 1 or Infinity, got 0",
  );
});

Deno.test("3.1 an unknown name is told with those that are known", () => {
  for (const name of ["sizes", "toString", "__proto__"]) {
    const given = JSON.parse(`{"${name}":1}`);
    assertThrows(
      () => inner(given, "inner"),
      TypeError,
      `inner has no option "${name}"; known: size`,
    );
  }
});

Deno.test("F60 a copy has the own properties and nothing else, each read once", () => {
  let reads = 0;
  const given = Object.create({ inherited: 1 }, {
    hidden: { value: 2, enumerable: false },
    got: { enumerable: true, get: () => ++reads },
  });
  const copy = copyOwn(given, "sample");
  assertEquals(Object.entries(copy), [["got", 1]]);
  assertEquals("inherited" in copy || "hidden" in copy, false);
  assertEquals("toString" in copy, false);
  assertEquals(reads, 1);
  for (const value of [null, 5, "s3cret", [], () => {}]) {
    const { message } = assertThrows(
      // @ts-expect-error: not what may hold options
      () => copyOwn(value, "sample"),
      TypeError,
      "sample must be an object, got ",
    );
    assertEquals(message.includes("s3cret"), false);
  }
});

Deno.test("3.1 a table has every option of its object and no other, and takes all that it may be given", () => {
  // What the compiler says of a table is what is tested; the calls are never made.
  const _never = () => {
    const sample: Sample = {};
    // @ts-expect-error: no check of the hook
    readOptions(sample, "sample", {
      count: count(5, 1),
      word: choice("a", "b"),
      inner,
    });
    readOptions(sample, "sample", {
      count: count(5, 1),
      word: choice("a", "b"),
      hook: callable(),
      inner,
      // @ts-expect-error: there is no such option
      other: count(5, 1),
    });
    readOptions(sample, "sample", {
      count: count(5, 1),
      // @ts-expect-error: "b" is a word too
      word: choice("a"),
      hook: callable(),
      inner,
    });
    readOptions(sample, "sample", {
      // @ts-expect-error: it is a number
      count: secretString(""),
      word: choice("a", "b"),
      hook: callable(),
      inner,
    });
    const milliseconds: Option<number, number> = duration(5);
    return milliseconds;
  };
});
