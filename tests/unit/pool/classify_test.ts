import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  ConnectError,
  type ConnectionFailure,
  ConnectionLostError,
} from "../../../mod.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

const RUNTIMES: RuntimeName[] = ["deno", "node", "bun", "chromium"];

const FATAL = [1002, 1003, 1007, 1008, 1009, 1010, 4401, 4403];
const RETRYABLE = [1000, 1001, 1005, 1011, 1012, 1013, 3000, 4000, 4400, 4999];

const silent = { debug() {}, info() {}, warn() {}, error() {} };

Deno.test("4.5 F18 F19 F22 the table: which close codes end a lease, which are carried over", async () => {
  for (const code of [...FATAL, ...RETRYABLE]) {
    await using virtual = createVirtualPool({ websocket: { reconnect: true } });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    const { signal } = conn;
    network.last.peerClose(code, "why");
    const isFatal = FATAL.includes(code);
    assertEquals(signal.aborted, isFatal, String(code));
    await clock.advance(600_000);
    assertEquals(network.dials.length, isFatal ? 1 : 2, String(code));
    if (!isFatal) continue;
    assertInstanceOf(signal.reason, ConnectionLostError);
    assertEquals(signal.reason.closeCode, code);
    assertEquals(signal.reason.cause, undefined);
  }
});

Deno.test("4.5 F24 an end without a close frame is retryable on every runtime, as 1006", async () => {
  for (const runtime of RUNTIMES) {
    const failures: ConnectionFailure[] = [];
    await using virtual = createVirtualPool({
      websocket: {
        reconnect: true,
        classify: (failure) => {
          failures.push(failure);
          return "retry";
        },
      },
    }, { runtime });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    network.last.reset();
    await clock.advance(1_000);
    assertEquals(conn.isConnected, true);
    assertEquals(failures.map((failure) => ({ ...failure })), [{
      phase: "lost",
      closeCode: 1006,
      closeReason: "",
      wasClean: false,
      attempt: 1,
    }]);
  }
});

Deno.test("4.5 classify has the last word, both ways", async () => {
  for (const code of [1008, 1012]) {
    const verdict = code === 1008 ? "retry" : "fatal";
    await using virtual = createVirtualPool({
      websocket: { reconnect: true, classify: () => verdict },
    });
    const { pool, clock, network } = virtual;
    const conn = await pool.acquire("/a");
    network.last.peerClose(code);
    await clock.advance(1_000);
    assertEquals(conn.isConnected, verdict === "retry");
    assertEquals(network.dials.length, verdict === "retry" ? 2 : 1);
  }
});

Deno.test("4.5 classify is told each phase, with what is known and the number of the failure in a row", async () => {
  const failures: ConnectionFailure[] = [];
  let step = 0;
  await using virtual = createVirtualPool({
    websocket: {
      reconnect: { jitter: 0 },
      protocols: "v1",
      classify: (failure) => {
        failures.push(failure);
        return "retry";
      },
      resolveUrl: ({ url }) => {
        if (step === 1) throw new TypeError("no token");
        return url;
      },
      onOpen: () => {
        if (step === 4) throw new RangeError("login refused");
      },
    },
  });
  const { pool, clock, network } = virtual;
  const conn = await pool.acquire("/a");
  network.behaviour = (socket) => {
    queueMicrotask(() => {
      if (step === 2) socket.fail();
      else socket.open(step === 3 ? "" : "v1");
    });
  };
  network.last.peerClose(1012, "restart");
  for (const delay of [1_000, 2_000, 4_000, 8_000]) {
    step++;
    await clock.advance(delay);
  }
  step = 0;
  await clock.advance(16_000);
  assertEquals(conn.isConnected, true);
  assertEquals(failures.map(({ cause: _, ...rest }) => rest), [
    {
      phase: "lost",
      closeCode: 1012,
      closeReason: "restart",
      wasClean: true,
      attempt: 1,
    },
    { phase: "resolve", attempt: 2 },
    {
      phase: "dial",
      closeCode: 1006,
      closeReason: "",
      wasClean: false,
      attempt: 3,
    },
    { phase: "protocol", attempt: 4 },
    { phase: "open-hook", attempt: 5 },
  ]);
  assertEquals(
    failures.map(({ cause }) => cause instanceof Error),
    new Array(5).fill(false),
  );
});

Deno.test("4.9 classify that throws or answers nonsense is reported, and the table decides", async () => {
  const classifies: (() => unknown)[] = [
    () => {
      throw new Error("user's bug");
    },
    () => undefined,
    () => true,
    () => Promise.resolve("fatal"),
    () => ({}),
  ];
  for (const classify of classifies) {
    for (const code of [1008, 1012]) {
      const errors: string[] = [];
      const logger = { ...silent, error: (text: string) => errors.push(text) };
      const websocket: object = { reconnect: true, classify };
      await using virtual = createVirtualPool({ logger, websocket: {} });
      await using tested = createVirtualPool({
        logger,
        websocket: { ...websocket },
      });
      const { pool, clock, network } = tested;
      const conn = await pool.acquire("/a");
      network.last.peerClose(code);
      await clock.advance(1_000);
      assertEquals(conn.isConnected, code === 1012);
      assertEquals(errors.length, 1);
      assertEquals(virtual.network.dials.length, 0);
    }
  }
});

Deno.test("3.3 a fatal redial ends the lease at once, its cause is that failure", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      reconnect: { jitter: 0 },
      onOpen: async (conn) => {
        await conn.send("login");
        assertEquals(await conn.receive(), "ok");
      },
    },
  });
  const { pool, clock, network } = virtual;
  const acquired = observe(pool.acquire("/a"));
  await clock.settle();
  network.last.message('"ok"');
  await clock.settle();
  const conn = acquired.value;
  const reader = observe(conn.receive());
  network.last.reset();
  await clock.advance(1_000);
  network.last.peerClose(4403, "revoked");
  await clock.settle();
  assertInstanceOf(reader.reason, ConnectionLostError);
  assertEquals(reader.reason.closeCode, 4403);
  const { cause } = reader.reason;
  assertInstanceOf(cause, ConnectError);
  assertEquals([cause.phase, cause.fatal, cause.attempts], [
    "open-hook",
    true,
    1,
  ]);
  await clock.advance(120_000);
  assertEquals(network.dials.length, 2);
  await assertRejects(() => conn.send("x"), ConnectionLostError);
});
