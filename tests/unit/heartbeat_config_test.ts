import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { resolveHeartbeat } from "../../src/heartbeat_config.ts";

/** Untyped values are what is tested. */
function resolve(
  value: unknown,
): ReturnType<typeof resolveHeartbeat<unknown, unknown>> {
  const { given }: { given?: never } = Object.fromEntries([["given", value]]);
  return resolveHeartbeat<unknown, unknown>(given, "websocket.heartbeat");
}

Deno.test("3.1 none by default; a number is the interval", () => {
  assertEquals(resolve(undefined), undefined);
  assertEquals(resolve(8_000)?.policy, {
    interval: 8_000,
    timeout: 4_000,
    maxSilence: Infinity,
  });
});

Deno.test("3.1 the defaults: 30 s, half of the interval but 10 s at most, no maxSilence", () => {
  assertEquals(resolve({})?.policy, {
    interval: 30_000,
    timeout: 10_000,
    maxSilence: Infinity,
  });
  assertEquals(resolve({ interval: 19_000 })?.policy.timeout, 9_500);
  assertEquals(resolve({ interval: 20_000 })?.policy.timeout, 10_000);
  assertEquals(resolve({ interval: Infinity })?.policy.timeout, 10_000);
});

Deno.test("3.1 a timeout given and not below the interval is a RangeError that names both", () => {
  for (
    const value of [
      { interval: 1_000, timeout: 1_000 },
      { interval: 1_000, timeout: 1_001 },
      { timeout: 30_000 },
    ]
  ) {
    const error = assertThrows(() => resolve(value), RangeError);
    assertStringIncludes(error.message, "websocket.heartbeat.timeout");
    assertStringIncludes(error.message, "interval");
  }
  assertEquals(
    resolve({ interval: 1_000, timeout: 999 })?.policy.timeout,
    999,
  );
});

Deno.test("3.1 isPong needs ping", () => {
  assertThrows(
    () => resolve({ isPong: () => true }),
    TypeError,
    "websocket.heartbeat.isPong",
  );
  assertThrows(() => resolve({ isPong: () => true, raw: true }), TypeError);
  resolve({ ping: "p", isPong: () => true });
});

Deno.test("3.1 wrong values are refused, by the option's name", () => {
  const cases: [string, unknown, typeof TypeError | typeof RangeError][] = [
    ["interval", 0, RangeError],
    ["interval", -1, RangeError],
    ["interval", NaN, RangeError],
    ["interval", "1000", TypeError],
    ["timeout", 0, RangeError],
    ["maxSilence", 0, RangeError],
    ["maxSilence", "x", TypeError],
    ["raw", "yes", TypeError],
    ["isPong", "pong", TypeError],
    ["reply", {}, TypeError],
  ];
  for (const [option, value, kind] of cases) {
    const error = assertThrows(
      () => resolve({ ping: "p", [option]: value }),
      kind,
    );
    assertStringIncludes(error.message, `websocket.heartbeat.${option}`);
  }
  for (const value of [0, -5, NaN]) {
    assertThrows(() => resolve(value), RangeError);
  }
  for (const value of [null, "30s", true]) {
    assertThrows(() => resolve(value), TypeError);
  }
  assertThrows(() => resolve({ intervall: 1 }), TypeError, "intervall");
});

Deno.test("4.10 no error shows the ping, which may be a login", () => {
  const ping = { token: "SECRET" };
  for (
    const value of [
      { ping, interval: -1 },
      { ping, timeout: 99_999 },
      { ping, raw: 1 },
      { ping, isPong: 1 },
    ]
  ) {
    const error = assertThrows(() => resolve(value), Error);
    assertEquals(error.message.includes("SECRET"), false, error.message);
  }
});

Deno.test("F60 the options are copied, and only own ones are read", () => {
  const value = { interval: 1_000, ping: "before" };
  const resolved = resolve(value);
  value.interval = 2_000;
  value.ping = "after";
  assertEquals(resolved?.policy.interval, 1_000);
  assertEquals(resolved?.speech.ping, "before");
  const inherited: object = Object.create({ interval: 5, ping: "p" });
  assertEquals(resolve(inherited)?.policy.interval, 30_000);
  assertEquals(resolve(inherited)?.speech.ping, undefined);
});
