import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  type AnyJetSocketError,
  ConnectError,
  ConnectionLostError,
  HeartbeatTimeoutError,
  InboxOverflowError,
  InvalidMessageError,
  JetSocketError,
  LeaseReleasedError,
  PoolClosedError,
  PoolExhaustedError,
} from "../../src/errors.ts";
import type { PoolStats } from "../../src/stats.ts";
import { Ledger } from "../../src/core/ledger.ts";
import { resolveConfig } from "../../src/config.ts";
import { Recorder } from "../../src/io/recorder.ts";

function emptyStats(): PoolStats {
  return new Recorder(new Ledger(resolveConfig({}).limits)).snapshot();
}

const message = "text";
const connect = new ConnectError({
  message,
  url: "wss://h/x",
  phase: "dial",
  attempts: 2,
  closeCode: 1006,
  fatal: false,
  timedOut: true,
  cause: { name: "TypeError" },
});
const errors: [error: AnyJetSocketError, name: string, code: string][] = [
  [
    new PoolExhaustedError({
      message,
      maxConnections: 10,
      timeout: 5,
      reason: "timeout",
      waitingFor: "slot",
      stats: emptyStats(),
      cause: connect,
    }),
    "PoolExhaustedError",
    "POOL_EXHAUSTED",
  ],
  [new PoolClosedError(message), "PoolClosedError", "POOL_CLOSED"],
  [connect, "ConnectError", "CONNECT_FAILED"],
  [
    new ConnectionLostError({
      message,
      closeCode: 1006,
      closeReason: "",
      wasClean: false,
    }),
    "ConnectionLostError",
    "CONNECTION_LOST",
  ],
  [
    new HeartbeatTimeoutError({ message, silence: 3 }),
    "HeartbeatTimeoutError",
    "HEARTBEAT_TIMEOUT",
  ],
  [new LeaseReleasedError(message), "LeaseReleasedError", "LEASE_RELEASED"],
  [
    new InboxOverflowError({ message, capacity: 1, maxBytes: 2 }),
    "InboxOverflowError",
    "INBOX_OVERFLOW",
  ],
  [
    new InvalidMessageError({ message, size: 1, issues: ["a.b"] }),
    "InvalidMessageError",
    "INVALID_MESSAGE",
  ],
];

Deno.test("3.3 every error has its name, its literal code and its text", () => {
  for (const [error, name, code] of errors) {
    assertInstanceOf(error, JetSocketError);
    assertInstanceOf(error, Error);
    assertEquals(error.name, name);
    assertEquals(error.code, code);
    assertEquals(error.message, message);
    assert(error.stack?.includes(message));
    assertEquals(error.constructor.name, name);
  }
  assertEquals(new Set(errors.map(([{ code }]) => code)).size, errors.length);
});

Deno.test("3.3 a cause is there only if one was given", () => {
  for (const [error] of errors) {
    const hasCause = error === connect || error instanceof PoolExhaustedError;
    assertEquals(Object.hasOwn(error, "cause"), hasCause, error.name);
  }
  assertEquals(connect.cause, { name: "TypeError" });
});

Deno.test("3.3 an error shows its code, its name and its fields, and hides the rest", () => {
  const fields = errors.map(([error]) => {
    const { code, name, ...own } = { ...error };
    assertEquals([code, name], [error.code, error.name]);
    assertEquals(JSON.parse(JSON.stringify(error)).code, code);
    return Object.keys(own).sort();
  });
  assertEquals(fields, [
    ["maxConnections", "reason", "stats", "timeout", "waitingFor"],
    [],
    ["attempts", "closeCode", "fatal", "phase", "timedOut", "url"],
    ["closeCode", "closeReason", "wasClean"],
    ["silence"],
    [],
    ["capacity", "maxBytes"],
    ["issues", "size"],
  ]);
  assertEquals([connect.url, connect.phase, connect.attempts], [
    "wss://h/x",
    "dial",
    2,
  ]);
});
