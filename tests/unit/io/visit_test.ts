import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { InboxOverflowError, LeaseReleasedError } from "../../../src/errors.ts";
import { Agenda } from "../../../src/io/agenda.ts";
import { createTranslation } from "../../../src/io/codec.ts";
import type { Flushable } from "../../../src/io/driver.ts";
import { Visit } from "../../../src/io/visit.ts";
import type { HookContext, SendData } from "../../../src/options.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { observe } from "../../support/virtual_pool.ts";

interface Rig {
  readonly clock: VirtualClock;
  readonly sent: SendData[];
  readonly dropped: number[];
  readonly flushing: Flushable[];
  readonly link: { isOpen: boolean; unsent: number };
  readonly operation: AbortController;
  readonly visit: Visit<unknown, unknown>;
}

function createRig(capacity = 10): Rig {
  const clock = new VirtualClock();
  const nothing = { nextAt: Infinity, advance() {}, stalled() {} };
  const agenda = new Agenda(clock, nothing);
  const sent: SendData[] = [];
  const dropped: number[] = [];
  const flushing: Flushable[] = [];
  const link = { isOpen: true, unsent: 0 };
  const operation = new AbortController();
  const visit = new Visit<unknown, unknown>(
    {
      id: 7,
      shown: "wss://h.example/a",
      identity: "alice",
      protocol: "v1",
      dropped: (count) => void dropped.push(count),
      transmit: (data) => void sent.push(data),
    },
    {
      agenda,
      flushSoon: (flushable) => void flushing.push(flushable),
      translation: createTranslation<unknown, unknown>({
        codec: "json",
        schema: undefined,
      }),
      websocket: {
        inbox: { capacity, maxBytes: 1_000, overflow: "error" },
        onInvalid: "throw",
        sendHighWaterMark: 100,
      },
    },
    link,
    operation,
  );
  return { clock, sent, dropped, flushing, link, operation, visit };
}

Deno.test("3.1 a hook has the connection: who it is, send, sendRaw, receive, and its result comes back", async () => {
  const { visit, sent } = createRig();
  visit.hear('"greeting"');
  const result = await visit.run(async (conn) => {
    const { id, url, identity, protocol, signal } = conn;
    assertEquals([id, url, identity, protocol, signal.aborted], [
      7,
      "wss://h.example/a",
      "alice",
      "v1",
      false,
    ]);
    await conn.send({ login: 1 });
    await conn.sendRaw("raw");
    return await conn.receive();
  });
  assertEquals([result, sent], ["greeting", ['{"login":1}', "raw"]]);
});

Deno.test("4.4 what a hook did not read is handed over at the end, in order", async () => {
  const { visit } = createRig();
  for (const data of ["1", "2", "3"]) visit.hear(data);
  await visit.run((conn) => conn.receive());
  visit.hear("4");
  assertEquals(visit.end(), ["2", "3", "4"]);
});

Deno.test("4.4 two hooks of one visit read on where the first stopped", async () => {
  const { visit } = createRig();
  for (const data of ["1", "2", "3"]) visit.hear(data);
  assertEquals(await visit.run((conn) => conn.receive()), 1);
  assertEquals(await visit.run((conn) => conn.receive()), 2);
  assertEquals(visit.end(), ["3"]);
});

Deno.test("3.1 the context is inert once the hook has settled, and pending calls of it end", async () => {
  for (const fails of [false, true]) {
    const { visit, sent, link, clock } = createRig();
    let kept: HookContext<unknown, unknown> | undefined;
    let pending: ReturnType<typeof observe<unknown>>[] = [];
    const run = observe(visit.run(async (conn) => {
      kept = conn;
      link.unsent = 101;
      pending = [observe(conn.receive()), observe(conn.send("x"))];
      await undefined;
      if (fails) throw new Error("user's");
    }));
    await clock.settle();
    assertEquals(run.state, fails ? "rejected" : "fulfilled");
    for (const { reason } of pending) {
      assertInstanceOf(reason, LeaseReleasedError);
    }
    link.unsent = 0;
    visit.flush();
    const late = kept;
    await assertRejects(async () => await late?.send("y"), LeaseReleasedError);
    await assertRejects(async () => await late?.receive(), LeaseReleasedError);
    await assertRejects(
      async () => await late?.sendRaw("z"),
      LeaseReleasedError,
    );
    assertEquals(sent, []);
    // What comes next is for the next hook.
    visit.hear("1");
    assertEquals(await visit.run((conn) => conn.receive()), 1);
  }
});

Deno.test("4.9 a hook that hangs ends with the operation's reason; one that throws synchronously rejects", async () => {
  const { visit, operation, clock } = createRig();
  const hanging = observe(visit.run(() => new Promise<never>(() => {})));
  await clock.settle();
  const reason = new DOMException("time", "TimeoutError");
  operation.abort(reason);
  await clock.settle();
  assertStrictEquals(hanging.reason, reason);

  const other = createRig();
  const error = new Error("user's");
  const thrown = await assertRejects(() =>
    other.visit.run(() => {
      throw error;
    })
  );
  assertStrictEquals(thrown, error);
});

Deno.test("4.9 a hook that does not read what it asked for fails with InboxOverflowError", async () => {
  const { visit, operation, clock } = createRig(3);
  const hook = observe(visit.run(() => new Promise<never>(() => {})));
  for (let count = 0; count < 4; count++) visit.hear("1");
  await clock.advance(1);
  assertInstanceOf(hook.reason, InboxOverflowError);
  assertEquals(operation.signal.aborted, true);
});

Deno.test("3.2 a hook's send waits for room, within its timeout and signal", async () => {
  const { visit, sent, link, flushing, clock } = createRig();
  link.unsent = 101;
  const abort = new AbortController();
  const ended: string[] = [];
  const hook = observe(visit.run(async (conn) => {
    const sends = [
      conn.send("timed", { timeout: 50 }),
      conn.send("signalled", { signal: abort.signal }),
      conn.send("patient"),
    ];
    const outcomes = await Promise.allSettled(sends);
    for (const { status } of outcomes) ended.push(status);
  }));
  await clock.settle();
  assertEquals(flushing.length > 0, true);
  abort.abort();
  await clock.advance(50);
  link.unsent = 0;
  visit.flush();
  await clock.settle();
  assertEquals(hook.state, "fulfilled");
  assertEquals([sent, ended], [['"patient"'], [
    "rejected",
    "rejected",
    "fulfilled",
  ]]);
});

Deno.test("3.2 a hook's receive is bounded by its timeout and signal, and loses no message by it", async () => {
  const { visit, clock } = createRig();
  const hook = observe(visit.run(async (conn) => {
    const error = await assertRejects(() => conn.receive({ timeout: 20 }));
    assertInstanceOf(error, DOMException);
    const reason = new Error("stop");
    const signal = AbortSignal.abort(reason);
    assertStrictEquals(
      await assertRejects(() => conn.receive({ signal })),
      reason,
    );
    return await conn.receive();
  }));
  await clock.advance(20);
  await clock.settle();
  visit.hear('"later"');
  await clock.settle();
  assertEquals(hook.value, "later");
});

Deno.test("4.9 arguments that make no sense reject; the context cannot be changed", async () => {
  const { visit } = createRig();
  await visit.run(async (conn) => {
    await assertRejects(() => conn.receive({ timeout: -1 }), RangeError);
    await assertRejects(() => conn.send(1n), TypeError);
    assertEquals(Object.isFrozen(conn), true);
  });
});
