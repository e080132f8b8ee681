import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  ConnectError,
  type ConnectionFailure,
  ConnectionLostError,
} from "../../../mod.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
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

Deno.test("4.2 4.5 a fatal dial failure rejects that key's waiters at once and no other's; the next acquire dials afresh after minDelay", async () => {
  for (const reconnect of [false, true]) {
    await using virtual = createVirtualPool({
      maxConnections: 3,
      acquireTimeout: 60_000,
      websocket: {
        reconnect: reconnect && { jitter: 0 },
        onOpen: async (conn) => {
          await conn.receive();
        },
      },
    });
    const { pool, clock, network } = virtual;
    network.behave("/other", "hang");
    const other = observe(pool.acquire("/other"));
    const waiters = [1, 2, 3, 4, 5].map(() => observe(pool.acquire("/a")));
    await clock.settle();
    network.socketsTo("/a")[0]?.peerClose(4401, "bad key");
    await clock.settle();
    for (const { reason } of waiters) {
      assertInstanceOf(reason, ConnectError);
      assertEquals(
        [reason.fatal, reason.closeCode, reason.phase],
        [true, 4401, "open-hook"],
      );
    }
    assertEquals(other.state, "pending");
    // A second dial of the key may have been in flight: it ends like the first.
    for (const socket of network.socketsTo("/a")) socket.peerClose(4401);
    await clock.advance(120_000);
    const dials = network.dials.length;
    assertEquals(network.socketsTo("/a").length <= 2, true);

    // Many fatal failures in a row never wait for longer than minDelay.
    for (let round = 0; round < 8; round++) {
      const next = observe(pool.acquire("/a"));
      await clock.advance(1_000);
      assertEquals(network.dials.length, dials + round + 1);
      network.last.peerClose(4401);
      await clock.settle();
      assertInstanceOf(next.reason, ConnectError);
    }
  }
});

Deno.test("4.2 a caller's loop over a fatal failure dials at the pace of minDelay", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      classify: () => "fatal",
      reconnect: { minDelay: 1_000, jitter: 0 },
    },
  });
  const { pool, clock, network } = virtual;
  network.behaviour = "refuse";
  let isOver = false;
  const loop = (async () => {
    while (!isOver) await pool.acquire("/a").catch(() => {});
  })();
  await clock.advance(60_000);
  isOver = true;
  assertEquals(network.dials.length, 61);
  await clock.advance(2_000);
  await loop;
});

Deno.test("4.2 F20 F81 without reconnect, an endpoint that opens and closes with an error code at once is a failure: no caller's loop hammers it", async () => {
  const ends: ((socket: FakeSocket) => void)[] = [
    (socket) => socket.reset(),
    ...[1008, 1011, 1013, 4401].map((code) => (socket: FakeSocket) =>
      socket.peerClose(code)
    ),
  ];
  for (const end of ends) {
    await using virtual = createVirtualPool();
    const { pool, clock, network } = virtual;
    network.behaviour = (socket) => {
      queueMicrotask(() => socket.open());
      clock.setTimer(() => end(socket), 10);
    };
    let isOver = false;
    const loop = (async () => {
      while (!isOver) {
        await pool.use("/a", (conn) => conn.receive()).catch(() => {});
      }
    })();
    await clock.advance(60_000);
    isOver = true;
    await clock.advance(60_000);
    await loop;
    // Half of 1, 2, 4, 8, 16, 32 s: 0.5 + 1 + 2 + 4 + 8 + 16 = 31.5, + 30; a deadline of 10 s caps at 5.
    assertEquals(network.dials.length <= 16, true, `${network.dials.length}`);
  }
});

Deno.test("4.5 a clean close after each answer is no failure: request and response go on without pause", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  network.behaviour = (socket) => {
    queueMicrotask(() => socket.open());
    clock.setTimer(() => {
      socket.message("1");
      socket.peerClose(1000);
    }, 10);
  };
  let answers = 0;
  let isOver = false;
  const loop = (async () => {
    while (!isOver) {
      await pool.use("/a", (conn) => conn.receive());
      answers++;
    }
  })();
  await clock.advance(1_000);
  isOver = true;
  await clock.advance(1_000);
  await loop;
  assertEquals(answers >= 99, true, `${answers}`);
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
