import { assertEquals, assertInstanceOf } from "@std/assert";
import { resolveConfig } from "../../../src/config.ts";
import { type FailureRecord, Key } from "../../../src/core/key.ts";
import { Ledger } from "../../../src/core/ledger.ts";
import type { Limits } from "../../../src/core/limits.ts";
import type { Payload } from "../../../src/core/slot.ts";
import { ConnectError } from "../../../src/errors.ts";
import type { DialFailure } from "../../../src/io/dial_failure.ts";
import { Recorder } from "../../../src/io/recorder.ts";
import {
  toDialTimeoutError,
  toExhaustedError,
} from "../../../src/io/refusal_error.ts";
import type { Target } from "../../../src/io/payload.ts";
import type { PoolStats } from "../../../src/stats.ts";

type FailingPayload = Payload & { target: Target; failure: DialFailure };

const SHOWN = "wss://h/ws/btc";

const FAILURE: DialFailure = {
  phase: "open-hook",
  why: "onOpen threw",
  end: { code: 4000, reason: "", wasClean: true },
  fatal: false,
  timedOut: false,
};

function keyOf(
  size: number,
  failed: Partial<FailureRecord<FailingPayload>> | undefined = undefined,
): Key<FailingPayload> {
  const key = new Key<FailingPayload>("key", {
    address: {
      url: SHOWN,
      origin: "wss://h",
      shown: SHOWN,
      authorization: undefined,
    },
    protocols: [],
    identity: "",
  });
  key.size = size;
  if (failed !== undefined) {
    key.failed = {
      isFailing: true,
      attempts: 3,
      rounds: 3,
      failure: FAILURE,
      retryAt: 0,
      forgetAt: 0,
      ...failed,
    };
  }
  return key;
}

function limitsOf(parts: Partial<Limits> = {}): Limits {
  return { ...resolveConfig({}).limits, ...parts };
}

function statsOf(parts: Partial<PoolStats>): PoolStats {
  return { ...new Recorder(new Ledger(limitsOf())).snapshot(), ...parts };
}

Deno.test("3.3 the text of an exhausted pool is the contract's", () => {
  const stats = statsOf({ activeConnections: 10, waiting: 3 });
  const error = toExhaustedError(
    { kind: "timeout", waitingFor: "slot" },
    keyOf(2),
    limitsOf(),
    5_000,
    stats,
  );
  assertEquals(
    error.message,
    "Cannot acquire wss://h/ws/btc within 5000 ms: all 10 connections are " +
      "leased (waiting: 3). Raise maxConnections or release earlier.",
  );
  assertEquals(error.reason, "timeout");
  assertEquals(error.waitingFor, "slot");
  assertEquals([error.maxConnections, error.timeout], [10, 5_000]);
  assertEquals(error.stats, stats);
  assertEquals(error.cause, undefined);
});

Deno.test("3.3 each shortage has its own words and advice", () => {
  const cases: [
    waitingFor: "slot" | "dial-slot" | "rate",
    size: number,
    limits: Partial<Limits>,
    stats: Partial<PoolStats>,
    text: string,
  ][] = [
    [
      "dial-slot",
      0,
      {},
      { connectingConnections: 4 },
      "all 4 handshakes allowed at once are in flight (waiting: 0). " +
      "Raise maxConnecting or wait longer.",
    ],
    [
      "rate",
      0,
      { connectRate: { limit: 300, interval: 300_000 } },
      { waiting: 2 },
      "connectRate allows 300 dials per 300000 ms (waiting: 2). " +
      "Wait longer or keep more idle.",
    ],
    [
      "slot",
      2,
      { maxConnectionsPerKey: 2 },
      { activeConnections: 2 },
      "all 2 connections of this key are in use (waiting: 0). " +
      "Raise maxConnectionsPerKey or release earlier.",
    ],
    [
      "slot",
      0,
      { maxConnections: 4 },
      {
        activeConnections: 1,
        connectingConnections: 1,
        idleConnections: 1,
        closingConnections: 1,
      },
      "of 4 connections 1 are leased, 1 connecting, 1 idle, 1 closing " +
      "(waiting: 0). Raise maxConnections or release earlier.",
    ],
  ];
  for (const [waitingFor, size, limits, stats, text] of cases) {
    const { message } = toExhaustedError(
      { kind: "timeout", waitingFor },
      keyOf(size),
      limitsOf(limits),
      5,
      statsOf(stats),
    );
    assertEquals(message, `Cannot acquire ${SHOWN} within 5 ms: ${text}`);
  }
});

Deno.test("F51 a full queue names maxWaiting", () => {
  const error = toExhaustedError(
    { kind: "queue-full", waitingFor: "slot" },
    keyOf(0),
    limitsOf({ maxWaiting: 0 }),
    5,
    statsOf({ activeConnections: 10 }),
  );
  assertEquals(error.reason, "queue-full");
  assertEquals(
    error.message.startsWith(
      `Cannot acquire ${SHOWN} without waiting (maxWaiting: 0): `,
    ),
    true,
    error.message,
  );
});

Deno.test("3.3 the last ConnectError of the key is the cause", () => {
  const { cause } = toExhaustedError(
    { kind: "timeout", waitingFor: "slot" },
    keyOf(0, {}),
    limitsOf(),
    5,
    statsOf({}),
  );
  assertInstanceOf(cause, ConnectError);
  assertEquals([cause.attempts, cause.phase], [3, "open-hook"]);
});

Deno.test("3.3 a key that recovered, or lost an open connection, gives no cause", () => {
  for (const failed of [{ isFailing: false }, { failure: undefined }]) {
    const { cause } = toExhaustedError(
      { kind: "timeout", waitingFor: "slot" },
      keyOf(0, failed),
      limitsOf(),
      5,
      statsOf({}),
    );
    assertEquals(cause, undefined);
    const late = toDialTimeoutError(keyOf(1, failed), 0, 5);
    assertEquals([late.phase, late.closeCode, late.cause], [
      "dial",
      undefined,
      undefined,
    ]);
  }
});

Deno.test("4.2 a waiter whose own dial was too slow gets a timed-out ConnectError", () => {
  const first = toDialTimeoutError(keyOf(1), 0, 5_000);
  assertEquals(
    first.message,
    `Cannot connect to ${SHOWN} within 5000 ms: its dial was still under ` +
      "way. Check the address and the server, or raise the acquire's timeout",
  );
  assertEquals([first.timedOut, first.fatal], [true, false]);
  assertEquals([first.phase, first.attempts], ["dial", 0]);
  assertEquals(first.cause, undefined);
  const later = toDialTimeoutError(keyOf(1, {}), 3, 5_000);
  assertEquals([later.phase, later.attempts, later.closeCode], [
    "open-hook",
    3,
    4000,
  ]);
  assertEquals(later.timedOut, true);
  assertInstanceOf(later.cause, ConnectError);
  assertEquals(later.cause.timedOut, false);
});
