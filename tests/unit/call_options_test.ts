import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  createCallTables,
  cutReason,
  ownBounds,
  resolveWait,
  SIGNAL,
  TIMEOUT,
} from "../../src/call_options.ts";
import { resolveConfig } from "../../src/config.ts";
import { readOptions } from "../../src/option_table.ts";
import type { CloseOptions } from "../../src/options.ts";

const tables = createCallTables(resolveConfig(undefined));

function resolveClose(options: CloseOptions | undefined) {
  return readOptions(options, "close", tables.close);
}

Deno.test("4.8 close's defaults: drain 0, code 1000, no reason", () => {
  assertEquals(resolveClose(undefined), {
    drainTimeout: 0,
    code: 1000,
    reason: "",
  });
});

Deno.test("4.8 a close code is 1000 or 3000 to 4999", () => {
  for (const code of [1000, 3000, 4999]) {
    assertEquals(resolveClose({ code }).code, code);
  }
  for (const code of [0, 999, 1001, 1006, 2999, 5000, 3000.5, NaN, Infinity]) {
    assertThrows(
      () => resolveClose({ code }),
      RangeError,
      "close.code",
      String(code),
    );
  }
  // @ts-expect-error: not what the option takes
  assertThrows(() => resolveClose({ code: "1000" }), TypeError, 'got "1000"');
});

Deno.test("4.8 bad close options are refused", () => {
  assertThrows(() => resolveClose({ drainTimeout: -1 }), RangeError);
  assertThrows(() => resolveClose({ drainTimeout: NaN }), RangeError);
  // @ts-expect-error: not what the option takes
  assertThrows(() => resolveClose({ drainTimeout: "1" }), TypeError);
  // @ts-expect-error: not what the option takes
  assertThrows(() => resolveClose({ reason: 5 }), TypeError, "close.reason");
  // @ts-expect-error: there is no such option
  assertThrows(() => resolveClose({ timeout: 5 }), TypeError, '"timeout"');
  // @ts-expect-error: not what the method takes
  assertThrows(() => resolveClose("bye"), TypeError, "close must be an object");
});

Deno.test("4.8 a close reason is cut at 123 bytes, between characters", () => {
  const size = (text: string) => new TextEncoder().encode(text).length;
  assertEquals(cutReason("short"), "short");
  assertEquals(cutReason("x".repeat(123)), "x".repeat(123));
  assertEquals(cutReason("x".repeat(124)), "x".repeat(123));
  // Two bytes each: one byte stays unused.
  assertEquals(cutReason("é".repeat(100)), "é".repeat(61));
  // Four bytes and two UTF-16 code units each.
  assertEquals(cutReason("😀".repeat(100)), "😀".repeat(30));
  assertEquals(size(cutReason("a😀".repeat(100))) <= 123, true);
  assertEquals(resolveClose({ reason: "é".repeat(100) }).reason.length, 61);
});

Deno.test("3.2 the bounds of a wait are checked", () => {
  const { signal } = new AbortController();
  assertEquals(resolveWait(undefined, "receive"), undefined);
  const wait = resolveWait({ signal, timeout: 0 }, "receive");
  assertEquals(wait?.timeout, 0);
  assertStrictEquals(wait?.signal, signal);
  assertEquals(resolveWait({}, "receive")?.timeout, Infinity);
  assertThrows(
    () => resolveWait({ timeout: -1 }, "receive"),
    RangeError,
    "receive.timeout",
  );
  assertThrows(
    // @ts-expect-error: a controller where its signal belongs
    () => resolveWait({ signal: new AbortController() }, "send"),
    TypeError,
    "send.signal must be an AbortSignal",
  );
  assertThrows(
    // @ts-expect-error: there is no such option
    () => resolveWait({ timeOut: 1 }, "receive"),
    TypeError,
    '"timeOut"',
  );
});

Deno.test("3.1 what a call is not given is the pool's", () => {
  const config = resolveConfig({
    maxConnections: 7,
    acquireTimeout: 5,
    websocket: { protocols: ["v1", "v2"], identity: "bot" },
  });
  const tables = createCallTables(config);
  const { protocols } = config.websocket;
  const bounds = { signal: undefined, timeout: 5 };
  const target = { protocols, identity: "bot" };
  const acquire = readOptions({}, "acquire", tables.acquire);
  assertEquals(acquire, {
    ...bounds,
    ...target,
    fresh: false,
    onReconnect: undefined,
  });
  // The same list, so that the look-up of a key sees it at a glance.
  assertStrictEquals(acquire.protocols, protocols);
  assertEquals(readOptions({}, "tryAcquire", tables.tryAcquire), target);
  assertEquals(readOptions(undefined, "warm", tables.warm), {
    ...bounds,
    ...target,
    count: 1,
  });
  assertEquals(readOptions(undefined, "map", tables.map), { concurrency: 7 });
});

Deno.test("3.1 bounds alone need no table; where there is more, nothing is said; nothing is read", () => {
  const fail = () => {
    throw new Error("it is asked");
  };
  const read = { get: fail, enumerable: true };
  const plain: [given: object, own: number][] = [
    [{}, 0],
    [Object.defineProperty({}, "timeout", read), TIMEOUT],
    [Object.defineProperty({}, "signal", read), SIGNAL],
    [{ signal: undefined, timeout: undefined }, SIGNAL | TIMEOUT],
    [Object.defineProperties({}, { timeout: read, signal: read }), 3],
    [Object.create({ timeout: -1, fresh: true }), 0],
    [Object.create({}, { timeout: { value: -1, enumerable: false } }), 0],
    [Object.create({ timeout: -1 }, { signal: read }), SIGNAL],
    [{ [Symbol("timeout")]: -1 }, 0],
  ];
  for (const [given, own] of plain) assertEquals(ownBounds(given), own);
  const others: unknown[] = [
    ...[null, 5, "timeout", true, [], () => {}],
    ...[{ fresh: undefined }, { 0: 5 }, Object.assign([], { timeout: 5 })],
    // Whoever has another method for its names, or none: the table asks nobody.
    ...[{ __proto__: null, timeout: 5 }, { timeout: 5, hasOwnProperty: fail }],
    Object.defineProperties({}, { timeout: read, fresh: read }),
  ];
  for (const value of others) {
    // @ts-expect-error: not what the signature takes
    assertEquals(ownBounds(value), undefined);
  }
});

Deno.test("3.1 F60 bounds are read once, and refused where they are wrong", () => {
  const { signal } = new AbortController();
  const cases: [given: object, problem?: string][] = [
    [{ timeout: 0, signal }],
    [{ timeout: Infinity, signal: undefined }],
    [{ timeout: undefined }],
    [{ timeout: -1 }, "send.timeout must be a number of at least 0"],
    [{ timeout: NaN, signal }, "send.timeout must be a number of at least"],
    [{ timeout: "5" }, "send.timeout must be a number, got"],
    [{ timeout: null }, "send.timeout must be a number, got null"],
    [{ signal: null }, "send.signal must be an AbortSignal, got null"],
    [{ signal: {}, timeout: 5 }, "send.signal must be an AbortSignal"],
  ];
  for (const [values, problem] of cases) {
    const read: string[] = [];
    const given = new Proxy(values, {
      get(target, name) {
        read.push(String(name));
        return Reflect.get(target, name);
      },
    });
    const resolve = () => resolveWait(given, "send");
    if (problem !== undefined) assertThrows(resolve, Error, problem);
    else {assertEquals(resolve(), {
        signal: undefined,
        timeout: Infinity,
        ...defined(values),
      });}
    const bounds = read.filter((name) => name !== "hasOwnProperty");
    assertEquals(bounds.sort(), Object.keys(values).sort());
  }
});

function defined(values: object): object {
  const entries = Object.entries(values);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
