import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Outbox, type Outlet } from "../../../src/io/outbox.ts";
import type { SendData } from "../../../src/options.ts";

const HIGH_WATER_MARK = 10;

class FakeOutlet implements Outlet {
  isOpen = true;
  bufferedAmount = 0;
  /** What each message adds to `bufferedAmount`. */
  weight = 0;
  readonly sent: SendData[] = [];
  flushes = 0;
  onTransmit = () => {};

  transmit(data: SendData): void {
    if (data === "refused") throw new TypeError("refused");
    this.sent.push(data);
    this.bufferedAmount += this.weight;
    this.onTransmit();
  }

  flushSoon(): void {
    this.flushes++;
  }
}

function setUp() {
  const outlet = new FakeOutlet();
  return { outlet, outbox: new Outbox(outlet, HIGH_WATER_MARK) };
}

Deno.test("F69 a message goes out at once up to the high-water mark", async () => {
  const { outlet, outbox } = setUp();
  outlet.bufferedAmount = HIGH_WATER_MARK;
  assertEquals(outbox.hasRoom, true);
  await outbox.send("a");
  assertEquals(outbox.trySend("b"), true);
  outlet.bufferedAmount = HIGH_WATER_MARK + 1;
  assertEquals(outbox.hasRoom, false);
  assertEquals(outbox.trySend("c"), false);
  assertEquals(outlet.sent, ["a", "b"]);
  assertEquals(outlet.flushes, 0);
});

Deno.test("4.11 waiting senders go in the order of their calls", async () => {
  const { outlet, outbox } = setUp();
  outlet.bufferedAmount = HIGH_WATER_MARK + 1;
  const done: string[] = [];
  const sends = ["a", "b", "c"].map((data) =>
    outbox.send(data).then(() => done.push(data))
  );
  assertEquals(outbox.isWaiting, true);
  assertEquals(outlet.flushes, 3);
  outlet.bufferedAmount = 0;
  // There is room, but others were first.
  assertEquals(outbox.hasRoom, false);
  assertEquals(outbox.trySend("d"), false);
  sends.push(outbox.send("e").then(() => done.push("e")));
  outbox.flush();
  await Promise.all(sends);
  assertEquals(outlet.sent, ["a", "b", "c", "e"]);
  assertEquals(done, ["a", "b", "c", "e"]);
  assertEquals(outbox.isWaiting, false);
});

Deno.test("F69 a flush stops at the high-water mark and comes again", async () => {
  const { outlet, outbox } = setUp();
  outlet.bufferedAmount = HIGH_WATER_MARK + 1;
  const first = outbox.send("a");
  const second = outbox.send("b");
  outbox.flush();
  assertEquals(outlet.sent, []);
  outlet.bufferedAmount = 0;
  outlet.weight = HIGH_WATER_MARK + 1;
  outlet.flushes = 0;
  outbox.flush();
  await first;
  assertEquals(outlet.sent, ["a"]);
  assertEquals(outlet.flushes, 1);
  outlet.bufferedAmount = 0;
  outbox.flush();
  await second;
  assertEquals(outlet.flushes, 1);
});

Deno.test("3.2 a cancelled send rejects with the reason and is not sent", async () => {
  const { outlet, outbox } = setUp();
  outlet.bufferedAmount = HIGH_WATER_MARK + 1;
  const first = outbox.wait("a");
  const second = outbox.wait("b");
  first.cancel("reason");
  first.cancel("another");
  assertEquals(await first.promise.catch((reason) => reason), "reason");
  outlet.bufferedAmount = 0;
  outbox.flush();
  await second.promise;
  assertEquals(outlet.sent, ["b"]);
  // Too late: it is sent.
  second.cancel("reason");
  await second.promise;
  assertEquals(outbox.hasRoom, true);
});

Deno.test("F71 data the runtime refuses fails its own send only", async () => {
  const { outlet, outbox } = setUp();
  await assertRejects(() => outbox.send("refused"), TypeError, "refused");
  assertThrows(() => outbox.trySend("refused"), TypeError, "refused");
  outlet.bufferedAmount = HIGH_WATER_MARK + 1;
  const first = outbox.send("a");
  const refused = outbox.send("refused").catch((error) => error.message);
  const last = outbox.send("b");
  outlet.bufferedAmount = 0;
  outbox.flush();
  assertEquals(await refused, "refused");
  await Promise.all([first, last]);
  assertEquals(outlet.sent, ["a", "b"]);
});

Deno.test("F70 nothing is sent while the socket is not open", async () => {
  const { outlet, outbox } = setUp();
  outlet.isOpen = false;
  assertEquals(outbox.hasRoom, false);
  assertEquals(outbox.trySend("a"), false);
  const waiting = outbox.send("a");
  outbox.flush();
  assertEquals(outlet.sent, []);
  outlet.isOpen = true;
  outbox.flush();
  await waiting;
  assertEquals(outlet.sent, ["a"]);
});

Deno.test("4.11 a failure rejects everybody who waits, and nothing is sent after it", async () => {
  const { outlet, outbox } = setUp();
  outlet.bufferedAmount = HIGH_WATER_MARK + 1;
  const sends = ["a", "b"].map((data) =>
    outbox.send(data).catch((error) => error.message)
  );
  outbox.fail(new Error("lost"));
  assertEquals(await Promise.all(sends), ["lost", "lost"]);
  outlet.bufferedAmount = 0;
  outbox.flush();
  assertEquals(outlet.sent, []);
  assertEquals(outbox.isWaiting, false);
});

Deno.test("F57 a failure in the middle of a flush sends nothing more", async () => {
  const { outlet, outbox } = setUp();
  outlet.bufferedAmount = HIGH_WATER_MARK + 1;
  const first = outbox.send("a");
  const second = outbox.send("b").catch((error) => error.message);
  outlet.bufferedAmount = 0;
  outlet.onTransmit = () => outbox.fail(new Error("lost"));
  outbox.flush();
  await first;
  assertEquals(await second, "lost");
  assertEquals(outlet.sent, ["a"]);
});
