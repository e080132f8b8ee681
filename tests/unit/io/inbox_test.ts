import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  ConnectionLostError,
  InboxOverflowError,
  InvalidMessageError,
} from "../../../src/errors.ts";
import {
  type GapReason,
  Inbox,
  type InboxOwner,
  type StreamEnd,
} from "../../../src/io/inbox.ts";
import type { WireData } from "../../../src/options.ts";
import type { InboxLimits } from "../../../src/websocket_config.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

/** Judges at the end of the turn, by a timer, as a connection does. */
class Owner implements InboxOwner {
  readonly clock = new VirtualClock();
  readonly drops: [count: number, reason: GapReason][] = [];
  readonly overflows: InboxOverflowError[] = [];
  onDropped = () => {};
  onTurnEnd = () => {};

  judgeSoon(): void {
    this.clock.setTimer(() => this.onTurnEnd(), 0);
  }

  dropped(count: number, reason: GapReason): void {
    this.drops.push([count, reason]);
    this.onDropped();
  }

  overflowed(error: InboxOverflowError): void {
    this.overflows.push(error);
  }
}

const HOLDER = {};

/** Decodes numbers; "bad…" is invalid, "crash" fails in another way. */
function decodeNumber(data: WireData): number {
  if (data === "crash") throw new TypeError("crash");
  const text = String(data);
  if (!text.startsWith("bad")) return Number(text);
  const size = text.length;
  throw new InvalidMessageError({ message: "invalid", size, issues: [] });
}

function setUp(
  limits: Partial<InboxLimits> = {},
  onInvalid: "throw" | "skip" = "throw",
  decode: (data: WireData) => number = decodeNumber,
) {
  const owner = new Owner();
  const all: InboxLimits = {
    capacity: 10,
    maxBytes: 1_000,
    overflow: "error",
    ...limits,
  };
  const inbox = new Inbox<number>(all, decode, onInvalid, owner);
  owner.onTurnEnd = () => inbox.judge();
  return { inbox, owner };
}

function pushAll(
  inbox: Inbox<number>,
  count: number,
  from = 0,
): void {
  for (let item = from; item < from + count; item++) inbox.push(String(item));
}

async function readAll(inbox: Inbox<number>): Promise<number[]> {
  const messages: number[] = [];
  while (inbox.size > 0) messages.push(await inbox.receive(HOLDER));
  return messages;
}

const CLEAN: StreamEnd = {
  error: new ConnectionLostError({
    message: "closed",
    closeCode: 1000,
    closeReason: "",
    wasClean: true,
  }),
  clean: true,
};
const LOST: StreamEnd = { error: new Error("lost"), clean: false };

Deno.test("3.2 messages come in order, waiting or waited for", async () => {
  const { inbox } = setUp();
  inbox.push("1");
  inbox.push("2");
  assertEquals(await inbox.receive(HOLDER), 1);
  assertEquals(await inbox.next(HOLDER), { value: 2, done: false });
  const third = inbox.receive(HOLDER);
  inbox.push("3");
  assertEquals(inbox.reader, undefined);
  inbox.push("4");
  assertEquals(await third, 3);
  assertEquals(await readAll(inbox), [4]);
});

Deno.test("4.11 at the bound nothing is judged, beyond it after a turn", async () => {
  const { inbox, owner } = setUp({ capacity: 3 });
  pushAll(inbox, 3);
  assertEquals(owner.clock.pending, 0);
  pushAll(inbox, 5, 3);
  assertEquals(owner.clock.pending, 1);
  assertEquals(owner.overflows, []);
  await owner.clock.advance(0);
  assertEquals(owner.overflows.length, 1);
});

Deno.test('F62 overflow "error": what is buffered is delivered, then reads throw', async () => {
  const { inbox, owner } = setUp({ capacity: 3 });
  pushAll(inbox, 5);
  await owner.clock.advance(0);
  // Intake has stopped.
  inbox.push("5");
  assertEquals(owner.drops, [[1, "late"]]);
  assertEquals(await readAll(inbox), [0, 1, 2, 3, 4]);
  const error = await assertRejects(
    () => inbox.receive(HOLDER),
    InboxOverflowError,
  );
  assertEquals([error.capacity, error.maxBytes], [3, 1_000]);
  assertStrictEquals(owner.overflows[0], error);
  assertEquals(await assertRejects(() => inbox.next(HOLDER)), error);
  assertEquals(await assertRejects(() => inbox.flow(() => {}, HOLDER)), error);
});

Deno.test("F62 overflow drop-oldest and drop-newest keep the other end, counted", async () => {
  for (
    const [overflow, kept] of [
      ["drop-oldest", [5, 6, 7]],
      ["drop-newest", [0, 1, 2]],
    ] as const
  ) {
    const { inbox, owner } = setUp({ capacity: 3, overflow });
    pushAll(inbox, 8);
    assertEquals(owner.drops, []);
    await owner.clock.advance(0);
    assertEquals(owner.drops, [[5, "overflow"]]);
    assertEquals(inbox.size, 3);
    // It goes on, and is judged anew.
    pushAll(inbox, 1, 8);
    await owner.clock.advance(0);
    assertEquals(owner.drops, [[5, "overflow"], [1, "overflow"]]);
    const expected = overflow === "drop-oldest" ? [6, 7, 8] : kept;
    assertEquals(await readAll(inbox), [...expected]);
    assertEquals(owner.overflows, []);
  }
});

Deno.test("F62 a burst of 50 into capacity 10 loses nothing for a prompt reader", async () => {
  for (const overflow of ["error", "drop-oldest", "drop-newest"] as const) {
    const { inbox, owner } = setUp({ capacity: 10, overflow });
    const messages: number[] = [];
    const reading = (async () => {
      for (;;) {
        const result = await inbox.next(HOLDER);
        if (result.done) return;
        messages.push(result.value);
      }
    })();
    await owner.clock.settle();
    // One synchronous loop, as Node dispatches: the reader cannot run.
    pushAll(inbox, 50);
    assertEquals(inbox.size, 49);
    await owner.clock.advance(0);
    assertEquals(messages.length, 50);
    assertEquals([owner.drops, owner.overflows], [[], []]);
    inbox.finish(CLEAN);
    await reading;
  }
});

Deno.test("F63 bytes are bounded as messages are", async () => {
  const { inbox, owner } = setUp({ maxBytes: 6, overflow: "drop-oldest" });
  // The code units of text, the bytes of binary data.
  inbox.push("111");
  inbox.push(new ArrayBuffer(3));
  assertEquals(owner.clock.pending, 0);
  inbox.push("2");
  await owner.clock.advance(0);
  assertEquals(owner.drops, [[1, "overflow"]]);
  assertEquals(inbox.size, 2);
  // What was read or dropped is no longer counted.
  await inbox.receive(HOLDER);
  inbox.push("33333");
  assertEquals(owner.clock.pending, 0);
  assertEquals(await readAll(inbox), [2, 33333]);
});

Deno.test("F63 one message above maxBytes is an overflow, and counted", async () => {
  for (const overflow of ["error", "drop-oldest", "drop-newest"] as const) {
    for (const isWaiting of [false, true]) {
      const { inbox, owner } = setUp({ maxBytes: 3, overflow });
      const read = isWaiting
        ? inbox.receive(HOLDER).catch((error) => error)
        : undefined;
      if (!isWaiting) inbox.push("1");
      inbox.push("4444");
      assertEquals(owner.drops, [[1, "overflow"]], overflow);
      assertEquals(owner.overflows.length, overflow === "error" ? 1 : 0);
      if (overflow === "error") {
        if (!isWaiting) assertEquals(await inbox.receive(HOLDER), 1);
        const error = await (read ??
          inbox.receive(HOLDER).catch((error) => error));
        assertInstanceOf(error, InboxOverflowError);
      } else {
        inbox.push("2");
        assertEquals(await (read ?? inbox.receive(HOLDER)), isWaiting ? 2 : 1);
      }
    }
  }
});

Deno.test("4.11 once the stream has ended the bound is not judged", async () => {
  const { inbox, owner } = setUp({ capacity: 2, overflow: "drop-oldest" });
  pushAll(inbox, 5);
  inbox.finish(LOST);
  await owner.clock.advance(0);
  assertEquals(owner.drops, []);
  assertEquals(await readAll(inbox), [0, 1, 2, 3, 4]);
});

Deno.test("3.2 a second reader at the same time is a TypeError", async () => {
  const { inbox } = setUp();
  const first = inbox.receive(HOLDER);
  await assertRejects(() => inbox.receive(HOLDER), TypeError, "one reader");
  await assertRejects(() => inbox.next(HOLDER), TypeError, "one reader");
  await assertRejects(
    () => inbox.flow(() => {}, HOLDER),
    TypeError,
    "one reader",
  );
  // The first is not disturbed.
  inbox.push("1");
  assertEquals(await first, 1);
  const flow = inbox.flow(() => {}, HOLDER);
  await assertRejects(() => inbox.receive(HOLDER), TypeError, "one reader");
  inbox.finish(CLEAN);
  await flow;
});

Deno.test("4.11 after an invalid message the next read goes on", async () => {
  const { inbox, owner } = setUp();
  for (const data of ["1", "bad", "2", "bad", "3"]) inbox.push(data);
  assertEquals(await inbox.receive(HOLDER), 1);
  await assertRejects(() => inbox.receive(HOLDER), InvalidMessageError);
  assertEquals(await inbox.receive(HOLDER), 2);
  await assertRejects(() => inbox.next(HOLDER), InvalidMessageError);
  assertEquals(await inbox.receive(HOLDER), 3);
  const waiting = inbox.receive(HOLDER);
  inbox.push("bad");
  await assertRejects(() => waiting, InvalidMessageError);
  const next = inbox.receive(HOLDER);
  inbox.push("4");
  assertEquals(await next, 4);
  assertEquals(owner.drops, []);
});

Deno.test("3.1 skipped messages are counted, for every kind of read", async () => {
  const { inbox, owner } = setUp({}, "skip");
  for (const data of ["bad", "1", "bad", "bad", "2"]) inbox.push(data);
  assertEquals(await inbox.receive(HOLDER), 1);
  assertEquals(await inbox.next(HOLDER), { value: 2, done: false });
  assertEquals(owner.drops.length, 3);
  const waiting = inbox.receive(HOLDER);
  inbox.push("bad");
  inbox.push("3");
  assertEquals(await waiting, 3);
  const seen: number[] = [];
  for (const data of ["bad", "4"]) inbox.push(data);
  const flow = inbox.flow((message) => seen.push(message), HOLDER);
  for (const data of ["bad", "5"]) inbox.push(data);
  inbox.finish(CLEAN);
  await flow;
  assertEquals(seen, [4, 5]);
  assertEquals(owner.drops, Array(6).fill([1, "invalid"]));
});

Deno.test("3.1 only invalid messages are skipped, other failures come through", async () => {
  const { inbox, owner } = setUp({}, "skip");
  inbox.push("crash");
  inbox.push("1");
  await assertRejects(() => inbox.receive(HOLDER), TypeError, "crash");
  assertEquals(await inbox.receive(HOLDER), 1);
  const waiting = inbox.next(HOLDER);
  inbox.push("crash");
  await assertRejects(() => waiting, TypeError, "crash");
  assertEquals(owner.drops, []);
});

Deno.test("3.2 flow: waiting messages first, then each as it arrives", async () => {
  const { inbox } = setUp();
  pushAll(inbox, 2);
  const seen: number[] = [];
  const flow = inbox.flow((message) => seen.push(message), HOLDER);
  assertEquals(seen, [0, 1]);
  inbox.push("2");
  assertEquals(seen, [0, 1, 2]);
  // More than the inbox holds: nothing waits.
  pushAll(inbox, 100, 3);
  assertEquals(inbox.size, 0);
  inbox.finish(CLEAN);
  await flow;
  assertEquals(seen.length, 103);
});

Deno.test("4.11 a throwing flow callback rejects with its error, the rest stays", async () => {
  const { inbox } = setUp();
  pushAll(inbox, 3);
  const error = new Error("callback");
  const flow = inbox.flow((message) => {
    if (message === 1) throw error;
  }, HOLDER);
  assertStrictEquals(await assertRejects(() => flow), error);
  assertEquals(await inbox.receive(HOLDER), 2);
  const later = inbox.flow(() => {
    throw error;
  }, HOLDER);
  inbox.push("3");
  inbox.push("4");
  assertStrictEquals(await assertRejects(() => later), error);
  assertEquals(await inbox.receive(HOLDER), 4);
});

Deno.test("4.9 an async flow callback is not waited for, its failure ends the flow", async () => {
  const { inbox, owner } = setUp();
  const error = new Error("callback");
  let calls = 0;
  const flow = inbox.flow(async () => {
    calls++;
    await undefined;
    throw error;
  }, HOLDER);
  pushAll(inbox, 3);
  assertEquals(calls, 3);
  // All three reject: one ends the flow, the others are not unhandled.
  assertStrictEquals(await assertRejects(() => flow), error);
  await owner.clock.settle();
  inbox.push("3");
  assertEquals(calls, 3);
  assertEquals(await inbox.receive(HOLDER), 3);
});

Deno.test("3.2 an invalid message ends a flow, which can be resumed", async () => {
  const { inbox } = setUp();
  for (const data of ["1", "bad", "2"]) inbox.push(data);
  const seen: number[] = [];
  const deliver = (message: number) => seen.push(message);
  await assertRejects(() => inbox.flow(deliver, HOLDER), InvalidMessageError);
  const flow = inbox.flow(deliver, HOLDER);
  assertEquals(seen, [1, 2]);
  inbox.push("bad");
  await assertRejects(() => flow, InvalidMessageError);
});

Deno.test("F57 deliver may clear the inbox: nothing more is delivered", async () => {
  const { inbox } = setUp();
  pushAll(inbox, 5);
  const seen: number[] = [];
  let unread = 0;
  await inbox.flow((message) => {
    seen.push(message);
    if (message === 1) unread = inbox.clear(CLEAN);
  }, HOLDER);
  assertEquals(seen, [0, 1]);
  assertEquals(unread, 3);
  inbox.push("5");
  assertEquals(seen, [0, 1]);
});

Deno.test("F57 deliver may clear the inbox and begin another flow", async () => {
  const { inbox } = setUp();
  pushAll(inbox, 2);
  const seen: string[] = [];
  let second: Promise<void> | undefined;
  const first = inbox.flow((message) => {
    seen.push(`first ${message}`);
    inbox.clear(CLEAN);
    second ??= inbox.flow((message) => seen.push(`second ${message}`), {});
  }, HOLDER);
  await first;
  inbox.push("2");
  inbox.finish(CLEAN);
  await second;
  assertEquals(seen, ["first 0", "second 2"]);
});

Deno.test("F57 who clears the inbox when a message is skipped leaves no reader behind", async () => {
  for (const read of ["receive", "next", "flow"] as const) {
    const { inbox, owner } = setUp({}, "skip");
    const released: StreamEnd = { error: new Error("released"), clean: false };
    owner.onDropped = () => inbox.clear(released);
    inbox.push("bad");
    const reading = read === "flow"
      ? inbox.flow(() => {}, HOLDER)
      : inbox[read](HOLDER);
    assertEquals(await assertRejects(() => reading), released.error);
    // The next message is the next lease's.
    inbox.push("1");
    assertEquals(await inbox.receive({}), 1);
  }
});

Deno.test("F57 a codec that clears the inbox does not reach the next reader", async () => {
  let onDecode = () => {};
  const decode = (data: WireData) => {
    onDecode();
    return decodeNumber(data);
  };
  for (const data of ["1", "bad"]) {
    const { inbox, owner } = setUp({}, "throw", decode);
    const first = inbox.receive(HOLDER);
    let second: Promise<number> | undefined;
    onDecode = () => {
      onDecode = () => {};
      inbox.clear(LOST);
      second = inbox.receive({});
    };
    inbox.push(data);
    assertEquals(await assertRejects(() => first), LOST.error);
    inbox.push("2");
    assertEquals(await second, 2);
    assertEquals(owner.drops, data === "1" ? [[1, "unread"]] : []);
  }
});

Deno.test("4.11 a clean end ends iteration and flow, and rejects receive", async () => {
  const { inbox } = setUp();
  inbox.push("1");
  inbox.finish(CLEAN);
  assertEquals(await inbox.next(HOLDER), { value: 1, done: false });
  assertEquals(await inbox.next(HOLDER), { value: undefined, done: true });
  await inbox.flow(() => {}, HOLDER);
  assertEquals(
    await assertRejects(() => inbox.receive(HOLDER)),
    CLEAN.error,
  );
});

Deno.test("4.11 a clean end answers who waits", async () => {
  const iterating = setUp().inbox;
  const next = iterating.next(HOLDER);
  iterating.finish(CLEAN);
  assertEquals(await next, { value: undefined, done: true });
  const receiving = setUp().inbox;
  const message = receiving.receive(HOLDER);
  receiving.finish(CLEAN);
  assertEquals(await assertRejects(() => message), CLEAN.error);
});

Deno.test("4.11 a loss throws in all three once the buffer is empty", async () => {
  const read = {
    receive: (inbox: Inbox<number>) => inbox.receive(HOLDER),
    next: (inbox: Inbox<number>) => inbox.next(HOLDER),
    flow: (inbox: Inbox<number>) => inbox.flow(() => {}, HOLDER),
  };
  for (const way of [read.receive, read.next, read.flow]) {
    const { inbox } = setUp();
    inbox.push("1");
    inbox.finish(LOST);
    assertEquals(await inbox.receive(HOLDER), 1);
    assertEquals(await assertRejects(() => way(inbox)), LOST.error);
    const waiting = setUp().inbox;
    const pending = way(waiting);
    waiting.finish(LOST);
    assertEquals(await assertRejects(() => pending), LOST.error);
  }
});

Deno.test("F30 the first end counts", async () => {
  const { inbox } = setUp();
  inbox.finish(CLEAN);
  inbox.finish(LOST);
  assertEquals((await inbox.next(HOLDER)).done, true);
});

Deno.test("F31 a message after the end is dropped and counted", async () => {
  const { inbox, owner } = setUp();
  inbox.finish(CLEAN);
  inbox.push("1");
  assertEquals(owner.drops, [[1, "late"]]);
  assertEquals((await inbox.next(HOLDER)).done, true);
});

Deno.test("4.4 clear takes everything out and answers who waits", async () => {
  const { inbox, owner } = setUp({ maxBytes: 5 });
  pushAll(inbox, 5);
  assertEquals(inbox.clear(LOST), 5);
  assertEquals(inbox.size, 0);
  const waiting = inbox.receive(HOLDER);
  assertEquals(inbox.clear(LOST), 0);
  assertEquals(await assertRejects(() => waiting), LOST.error);
  // It is as good as new, bytes included.
  pushAll(inbox, 5);
  await owner.clock.advance(0);
  assertEquals(owner.overflows, []);
  assertEquals(await readAll(inbox), [0, 1, 2, 3, 4]);
});

Deno.test("3.2 cancel ends the wait of its own reader only", async () => {
  const { inbox } = setUp();
  const waiting = inbox.receive(HOLDER);
  const { reader } = inbox;
  assert(reader !== undefined);
  assertStrictEquals(reader.holder, HOLDER);
  inbox.cancel(reader, "reason");
  assertEquals(await waiting.catch((reason) => reason), "reason");
  const second = inbox.receive(HOLDER);
  inbox.cancel(reader, "reason");
  inbox.push("1");
  assertEquals(await second, 1);
});
