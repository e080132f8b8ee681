import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type HookContext, LeaseReleasedError } from "../../../mod.ts";
import type { FakeSocket } from "../../support/fake_socket.ts";
import {
  createVirtualPool,
  observe,
  type Observed,
} from "../../support/virtual_pool.ts";

/** A logger that keeps its lines. */
function createLog(lines: string[] = []) {
  const note = (line: string) => void lines.push(line);
  return {
    lines,
    logger: { debug: note, info: note, warn: note, error: note },
  };
}

Deno.test("4.9 an idle connection whose lifetime ends in the very call that asks for it is not handed out", async () => {
  await using virtual = createVirtualPool({
    maxLifetime: 10_000,
    leakThreshold: 60_000,
  });
  const { pool, clock } = virtual;
  await (await pool.acquire("/a")).release();
  // 9.5 s is its lifetime. The timer is late, but by less than a standstill.
  await clock.advance(9_400);
  clock.jump(200);
  const conn = await pool.acquire("/a");
  assertEquals(conn.id, 2);
  assertEquals(pool.stats().retired.lifetime, 1);
  await conn.release();
});

Deno.test("4.9 a never-leased connection whose lifetime ends in the very call that asks for it is not handed out", async () => {
  await using virtual = createVirtualPool({ maxLifetime: 10_000 });
  const { pool, clock } = virtual;
  await pool.warm("/a");
  await clock.advance(9_400);
  clock.jump(200);
  const conn = await pool.acquire("/a", { fresh: true });
  assertEquals(conn.id, 2);
  await conn.release();
});

Deno.test("4.9 4.8 what a hook left waiting to be sent keeps no timer alive once its connection is given up", async () => {
  for (const hook of ["onOpen", "healthCheck", "reset"] as const) {
    const sends: Observed<void>[] = [];
    const sockets: FakeSocket[] = [];
    const run = async (conn: HookContext) => {
      // The peer has stopped reading, and will not answer a close either.
      for (const socket of sockets) socket.buffered = 100;
      const sending = conn.send("x");
      sends.push(observe(sending));
      await sending;
      return true;
    };
    const runToEnd = async (conn: HookContext) => void await run(conn);
    await using virtual = createVirtualPool({
      healthCheckInterval: 1_000,
      ...(hook === "healthCheck" ? { healthCheck: run } : {}),
      ...(hook === "reset" ? { reset: runToEnd } : {}),
      websocket: {
        sendHighWaterMark: 10,
        ...(hook === "onOpen" ? { onOpen: runToEnd } : {}),
      },
    });
    const { pool, network, clock } = virtual;
    network.behaviour = (socket) => {
      socket.answersClose = false;
      sockets.push(socket);
      queueMicrotask(() => socket.open());
    };
    const acquired = observe(pool.acquire("/a"));
    await clock.settle();
    if (hook !== "onOpen") acquired.value.release();
    await clock.advance(30_000);
    assertEquals(sends.map(({ state }) => state), ["rejected"], hook);
    assertEquals(pool.stats().lingeringSockets, 1, hook);
    assertEquals(clock.pending, 0, hook);
  }
});

Deno.test("4.9 F53 a listener that throws or rejects is reported, and the next is still called", async () => {
  const { lines, logger } = createLog();
  await using virtual = createVirtualPool({ logger });
  const { pool, clock } = virtual;
  const called: string[] = [];
  pool.addEventListener("connect", () => {
    throw new Error("first broke");
  });
  pool.addEventListener("connect", async () => {
    await undefined;
    throw new Error("second broke");
  });
  pool.addEventListener(
    "connect",
    { handleEvent: () => called.push("third") } as EventListenerObject,
  );
  await (await pool.acquire("/a")).release();
  await clock.settle();
  assertEquals(called, ["third"]);
  const reports = lines.filter((line) => line.includes("broke"));
  assertEquals(reports, [
    'A listener for "connect" threw: Error: first broke',
    'A listener for "connect" threw: Error: second broke',
  ]);
});

Deno.test("4.9 F56 a logger that throws disturbs nothing and is reported once", async () => {
  const original = console.error;
  const reports: unknown[] = [];
  console.error = (line: unknown) => void reports.push(line);
  try {
    const fail = () => {
      throw new Error("log is full");
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    await using virtual = createVirtualPool({ logger });
    const { pool } = virtual;
    for (const path of ["/a", "/b"]) {
      await using conn = await pool.acquire(path);
      assert(conn.isConnected);
    }
  } finally {
    console.error = original;
  }
  assertEquals(reports, [
    "@jetsocket/pool: The pool's logger threw: Error: log is full",
  ]);
});

Deno.test("4.9 F54 a reset that throws, and one that never settles, discard the connection", async () => {
  for (const kind of ["throws", "hangs"] as const) {
    await using virtual = createVirtualPool({
      reset: () => {
        if (kind === "throws") throw new Error("not clean");
        return new Promise<void>(() => {});
      },
      resetTimeout: 700,
    });
    const { pool, clock } = virtual;
    const conn = await pool.acquire("/a");
    const released = observe(conn.release());
    await clock.advance(699);
    assertEquals(released.state, kind === "throws" ? "fulfilled" : "pending");
    await clock.advance(1);
    assertEquals(released.state, "fulfilled");
    assertEquals(pool.stats().retired.discarded, 1);
  }
});

Deno.test("4.9 a hook's context is inert once the hook has settled", async () => {
  const kept: HookContext[] = [];
  await using virtual = createVirtualPool({
    websocket: { onOpen: (conn) => void kept.push(conn) },
  });
  const { pool, network, clock } = virtual;
  const conn = await pool.acquire("/a");
  assertEquals(kept.length, 1);
  const late = kept.flatMap((context) => [
    observe(context.send("late")),
    observe(context.receive()),
  ]);
  await clock.settle();
  for (const each of late) assertInstanceOf(each.reason, LeaseReleasedError);
  assertEquals(network.last.sent, []);
  await conn.release();
});

Deno.test("4.9 a signal that throws at who listens keeps nothing from being done that is decided", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock, network } = virtual;
  const { signal } = new AbortController();
  Object.defineProperty(signal, "addEventListener", {
    value: () => {
      throw new Error("Nobody listens to me");
    },
  });
  const refused = observe(pool.acquire("/a", { signal }));
  await clock.settle();
  assertEquals(refused.state, "rejected");
  assertEquals(network.sockets.length, 1, "its dial was decided");
});
