import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { resolveReconnect } from "../../src/reconnect_config.ts";

/** Untyped values are what is tested. */
function resolve(value: unknown): ReturnType<typeof resolveReconnect> {
  const { given }: { given?: never } = Object.fromEntries([["given", value]]);
  return resolveReconnect(given, "websocket.reconnect");
}

const DEFAULTS = {
  minDelay: 1_000,
  maxDelay: 60_000,
  multiplier: 2,
  jitter: 1,
  resetAfter: 60_000,
};

Deno.test("3.1 off by default and with false; true and {} are on with the defaults", () => {
  for (const off of [undefined, false]) {
    assertEquals(resolve(off), {
      backoff: DEFAULTS,
      maxReconnectAttempts: 0,
    });
  }
  for (const on of [true, {}]) {
    assertEquals(resolve(on), {
      backoff: DEFAULTS,
      maxReconnectAttempts: Infinity,
    });
  }
});

Deno.test("3.1 what is given stands", () => {
  const given = {
    minDelay: 5,
    maxDelay: 5,
    multiplier: 1,
    jitter: 0,
    resetAfter: Infinity,
  };
  assertEquals(resolve({ ...given, maxAttempts: 1 }), {
    backoff: given,
    maxReconnectAttempts: 1,
  });
});

Deno.test("3.1 wrong values are refused, by the option's name", () => {
  const cases: [string, unknown, typeof TypeError | typeof RangeError][] = [
    ["minDelay", -1, RangeError],
    ["minDelay", NaN, RangeError],
    ["minDelay", "1000", TypeError],
    ["maxDelay", -1, RangeError],
    ["multiplier", 0.9, RangeError],
    ["multiplier", Infinity, RangeError],
    ["jitter", -0.1, RangeError],
    ["jitter", 1.1, RangeError],
    ["jitter", NaN, RangeError],
    ["jitter", true, TypeError],
    ["maxAttempts", 0, RangeError],
    ["maxAttempts", 1.5, RangeError],
    ["maxAttempts", null, TypeError],
    ["resetAfter", -1, RangeError],
  ];
  for (const [option, value, kind] of cases) {
    const error = assertThrows(() => resolve({ [option]: value }), kind);
    assertStringIncludes(error.message, `websocket.reconnect.${option}`);
  }
});

Deno.test("3.1 minDelay above maxDelay is a RangeError that names both, also against the default", () => {
  for (const value of [{ minDelay: 2, maxDelay: 1 }, { minDelay: 60_001 }]) {
    const error = assertThrows(() => resolve(value), RangeError);
    assertStringIncludes(error.message, "minDelay");
    assertStringIncludes(error.message, "maxDelay");
  }
});

Deno.test("3.1 an unknown option is a TypeError; so is anything but a boolean or an object", () => {
  assertThrows(() => resolve({ minDelai: 1 }), TypeError, "minDelai");
  for (const value of [null, 1, "yes", []]) {
    assertThrows(() => resolve(value), TypeError);
  }
});

Deno.test("F60 only own properties are read", () => {
  const value: object = Object.create({ minDelay: 5 });
  assertEquals(resolve(value).backoff.minDelay, 1_000);
});

Deno.test("3.1 minDelay of 0 is a RangeError: a dial that fails at once would be repeated in the same turn", () => {
  assertThrows(
    () => resolve({ minDelay: 0 }),
    RangeError,
    "websocket.reconnect.minDelay must be greater than 0, got 0",
  );
});
