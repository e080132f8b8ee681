import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  ConnectError,
  type ConnectionPool,
  type PoolEventType,
} from "../../../mod.ts";
import { createVirtualPool, observe } from "../../support/virtual_pool.ts";

/** All events of a type, as plain fields; `error` and `report` left out. */
function record<Type extends PoolEventType>(
  pool: ConnectionPool,
  type: Type,
): Record<string, unknown>[] {
  const events: Record<string, unknown>[] = [];
  pool.addEventListener(type, (event) => {
    assertEquals(event.type, type);
    const { error: _error, report: _report, stack: _stack, ...fields } = {
      error: undefined,
      report: undefined,
      stack: undefined,
      ...Object.fromEntries(Object.entries(event)),
    };
    delete Object(fields).isTrusted;
    events.push(fields);
  });
  return events;
}

const SUBJECT = { connectionId: 1, url: "wss://h.example/a?token=…" };
const PATH = "/a?token=secret";

Deno.test("3.5 connect: for an acquire and for a warm, with the time of the dial", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  const events = record(pool, "connect");
  network.behaviour = "manual";
  observe(pool.acquire(PATH));
  await clock.advance(120);
  network.last.open();
  await clock.settle();
  observe(pool.warm("/b"));
  await clock.settle();
  network.last.open();
  await clock.settle();
  assertEquals(events, [
    { ...SUBJECT, reason: "acquire", duration: 120 },
    { connectionId: 2, url: "wss://h.example/b", reason: "warm", duration: 0 },
  ]);
});

Deno.test("3.5 connectfailed: the phase, the error, the time", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  const events = record(pool, "connectfailed");
  const errors: ConnectError[] = [];
  pool.addEventListener(
    "connectfailed",
    ({ error }) => void errors.push(error),
  );
  network.behaviour = "manual";
  observe(pool.acquire(PATH));
  await clock.advance(70);
  network.last.fail();
  await clock.settle();
  assertEquals(events, [{ ...SUBJECT, reason: "dial", duration: 70 }]);
  assertInstanceOf(errors[0], ConnectError);
  assertEquals(errors[0].url, SUBJECT.url);
});

Deno.test("3.5 acquire and release: new and reused, released and discarded, waits and lease times", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, clock } = virtual;
  const acquired = record(pool, "acquire");
  const released = record(pool, "release");
  const first = await pool.acquire(PATH);
  const waiter = observe(pool.acquire(PATH));
  await clock.advance(250);
  await first.release();
  await clock.advance(40);
  await waiter.value.discard();
  assertEquals(acquired, [
    { ...SUBJECT, reason: "new", duration: 0 },
    { ...SUBJECT, reason: "reused", duration: 250 },
  ]);
  assertEquals(released, [
    { ...SUBJECT, reason: "released", duration: 250 },
    { ...SUBJECT, reason: "discarded", duration: 40 },
  ]);
});

Deno.test("3.5 an idle connection's lease is an acquire event too, and is timed to the ms", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock } = virtual;
  await (await pool.acquire(PATH)).release();
  const acquired = record(pool, "acquire");
  const released = record(pool, "release");
  await clock.advance(123);
  const conn = await pool.acquire(PATH);
  await clock.advance(45);
  await conn.release();
  assertEquals(acquired, [{ ...SUBJECT, reason: "reused", duration: 0 }]);
  assertEquals(released, [{ ...SUBJECT, reason: "released", duration: 45 }]);
});

Deno.test("3.5 exhausted: at the deadline, with a full queue, and at timeout 0", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1, maxWaiting: 1 });
  const { pool, clock } = virtual;
  const events = record(pool, "exhausted");
  await pool.acquire("/held");
  observe(pool.acquire(PATH, { timeout: 300 }));
  observe(pool.acquire(PATH));
  observe(pool.acquire(PATH, { timeout: 0 }));
  await clock.advance(300);
  const common = { connectionId: undefined, url: SUBJECT.url };
  assertEquals(events, [
    { ...common, reason: "queue-full", duration: 0 },
    { ...common, reason: "timeout", duration: 0 },
    { ...common, reason: "timeout", duration: 300 },
  ]);
});

Deno.test("3.5 lost: closed or broken, with the code and the connection's age", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock, network } = virtual;
  const events = record(pool, "lost");
  await pool.acquire(PATH);
  await clock.advance(80);
  network.last.peerClose(1001);
  await pool.acquire("/b");
  network.last.reset();
  assertEquals(events, [
    { ...SUBJECT, reason: "closed", closeCode: 1001, duration: 80 },
    {
      connectionId: 2,
      url: "wss://h.example/b",
      reason: "broken",
      closeCode: 1006,
      duration: 0,
    },
  ]);
});

Deno.test("3.5 retire: every reason, with the connection's age", async () => {
  await using virtual = createVirtualPool({
    maxConnections: 2,
    maxIdleTime: 5_000,
    maxLifetime: 20_000,
    healthCheckInterval: 1_000,
    healthCheck: (conn) => !conn.url.endsWith("/sick"),
  });
  const { pool, clock, network } = virtual;
  const events = record(pool, "retire");
  const use = async (path: string) =>
    await (await pool.acquire(path)).release();
  await use("/lost");
  network.last.reset();
  await (await pool.acquire("/discarded")).discard();
  await use("/sick");
  await clock.advance(2_000);
  await use("/evicted");
  const held = [await pool.acquire("/1"), await pool.acquire("/2")];
  await clock.advance(20_000);
  for (const conn of held) await conn.release();
  await use("/cleared");
  pool.clear();
  await clock.settle();
  await use("/closed");
  await pool.close();
  assertEquals(
    events.map(({ url, reason }) => [new URL(String(url)).pathname, reason]),
    [
      ["/lost", "lost"],
      ["/discarded", "discarded"],
      ["/sick", "probe"],
      ["/evicted", "evicted"],
      ["/1", "lifetime"],
      ["/2", "lifetime"],
      ["/cleared", "cleared"],
      ["/closed", "closed"],
    ],
  );
  assertEquals(
    events.map(({ duration }) => duration),
    [0, 0, 1_000, 0, 20_000, 20_000, 0, 0],
  );
});

Deno.test("3.5 healthcheck: passed and failed, with the time the probe took", async () => {
  let answer = Promise.withResolvers<boolean>();
  await using virtual = createVirtualPool({
    healthCheckInterval: 1_000,
    healthCheck: () => answer.promise,
  });
  const { pool, clock } = virtual;
  const events = record(pool, "healthcheck");
  await pool.warm(PATH);
  await clock.advance(1_000);
  await clock.advance(30);
  answer.resolve(true);
  await clock.settle();
  answer = Promise.withResolvers();
  await clock.advance(1_500);
  answer.resolve(false);
  await clock.settle();
  assertEquals(events.map(({ reason }) => reason), ["passed", "failed"]);
  assertEquals(events[0], { ...SUBJECT, reason: "passed", duration: 30 });
});

Deno.test("3.5 gap: how many messages, and why", async () => {
  await using virtual = createVirtualPool({
    websocket: {
      inbox: { capacity: 2, overflow: "drop-oldest" },
      onInvalid: "skip",
    },
  });
  const { pool, clock, network } = virtual;
  const events = record(pool, "gap");
  const conn = await pool.acquire(PATH);
  for (const message of ["1", "2", "3"]) network.last.message(message);
  await clock.advance(10);
  assertEquals(await conn.receive(), 2);
  network.last.message("no json");
  assertEquals(await conn.receive(), 3);
  const read = observe(conn.receive());
  await clock.settle();
  network.last.message("4");
  await clock.settle();
  assertEquals(read.value, 4);
  network.last.message("5");
  await conn.release();
  network.last.message("6");
  assertEquals(events, [
    { ...SUBJECT, reason: "overflow", dropped: 1 },
    { ...SUBJECT, reason: "invalid", dropped: 1 },
    { ...SUBJECT, reason: "unread", dropped: 1 },
    { ...SUBJECT, reason: "idle", dropped: 1 },
  ]);
});

Deno.test("3.5 close: once, with the report and the time it took", async () => {
  await using virtual = createVirtualPool();
  const { pool, clock } = virtual;
  const events = record(pool, "close");
  const reports: unknown[] = [];
  pool.addEventListener("close", ({ report }) => void reports.push(report));
  const conn = await pool.acquire(PATH);
  const closing = observe(pool.close({ drainTimeout: 1_000 }));
  await clock.advance(300);
  await conn.release();
  await clock.settle();
  assertEquals(events, [{ reason: "closed", duration: 300 }]);
  assertEquals(reports, [closing.value]);
  assert(Object.isFrozen(closing.value));
});

Deno.test("3.5 no event object is built for a type nobody listens to", async () => {
  await using virtual = createVirtualPool();
  const { pool } = virtual;
  const dispatched: string[] = [];
  const dispatch = pool.dispatchEvent.bind(pool);
  pool.dispatchEvent = (event) => {
    dispatched.push(event.type);
    return dispatch(event);
  };
  const listener = () => {};
  pool.addEventListener("release", listener);
  await (await pool.acquire("/a")).release();
  pool.removeEventListener("release", listener);
  await (await pool.acquire("/a")).release();
  assertEquals(dispatched, ["release"]);
});

Deno.test("3.5 a release is told before the next lease of the connection, whatever its other listeners do", async () => {
  await using virtual = createVirtualPool({ maxConnections: 1 });
  const { pool, network, clock } = virtual;
  const log: unknown[] = [];
  const conn = await pool.acquire("/a");
  const next = pool.acquire("/a");
  pool.addEventListener("gap", () => {
    log.push("gap");
    // Whatever calls the pool has what is decided performed.
    pool.clear();
  });
  pool.addEventListener("release", ({ duration }) => {
    log.push(`release after ${duration} ms`);
  });
  pool.addEventListener("acquire", () => log.push("acquire"));
  await clock.advance(500);
  network.last.message("1");
  await conn.release();
  await (await next).release();
  assertEquals(log.slice(0, 3), ["release after 500 ms", "gap", "acquire"]);
});
