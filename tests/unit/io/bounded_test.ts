import { assert, assertEquals, assertRejects } from "@std/assert";
import { Agenda } from "../../../src/io/agenda.ts";
import { bounded } from "../../../src/io/bounded.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

/** An `AbortSignal` that counts its listeners. */
function countingSignal() {
  const abort = new AbortController();
  const { signal } = abort;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  const counter = { abort, signal, listeners: 0 };
  signal.addEventListener = (
    ...args: Parameters<AbortSignal["addEventListener"]>
  ) => {
    counter.listeners++;
    add(...args);
  };
  signal.removeEventListener = (
    ...args: Parameters<AbortSignal["removeEventListener"]>
  ) => {
    counter.listeners--;
    remove(...args);
  };
  return counter;
}

function setUp() {
  const clock = new VirtualClock();
  const keeper = { nextAt: Infinity, advance() {}, stalled() {} };
  const agenda = new Agenda(clock, keeper);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const counter = countingSignal();
  const wait = (timeout: number) =>
    bounded(
      agenda,
      { signal: counter.signal, timeout },
      "No message from wss://h/",
      promise,
      reject,
    );
  return { clock, counter, resolve, reject, wait };
}

Deno.test("3.2 a wait that ends in time leaves no listener and no timer", async () => {
  for (const outcome of ["resolve", "reject"] as const) {
    const { clock, counter, wait, ...settle } = setUp();
    const waiting = wait(1_000).then(() => "resolve", () => "reject");
    assertEquals([counter.listeners, clock.pending], [1, 1]);
    settle[outcome]("text");
    assertEquals(await waiting, outcome);
    assertEquals([counter.listeners, clock.pending], [0, 0]);
  }
});

Deno.test("3.3 at its timeout a wait rejects with a TimeoutError", async () => {
  const { clock, counter, wait } = setUp();
  const waiting = assertRejects(
    () => wait(1_000),
    DOMException,
    "No message from wss://h/ within 1000 ms",
  );
  await clock.advance(999);
  assertEquals(counter.listeners, 1);
  await clock.advance(1);
  assertEquals((await waiting).name, "TimeoutError");
  assertEquals([counter.listeners, clock.pending], [0, 0]);
});

Deno.test("3.3 a signal's reason is passed through untouched", async () => {
  for (const isEarly of [true, false]) {
    const { clock, counter, wait } = setUp();
    const reason = { why: "mine" };
    if (isEarly) counter.abort.abort(reason);
    const waiting = wait(1_000).catch((thrown) => thrown);
    if (!isEarly) counter.abort.abort(reason);
    assert(await waiting === reason);
    assert(counter.listeners <= 0);
    assertEquals(clock.pending, 0);
  }
});

Deno.test("3.2 a wait without timeout sets no timer", async () => {
  const { clock, resolve, wait } = setUp();
  const waiting = wait(Infinity);
  assertEquals(clock.armed, 0);
  resolve("text");
  assertEquals(await waiting, "text");
});
