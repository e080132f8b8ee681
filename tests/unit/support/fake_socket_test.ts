import { assert, assertEquals, assertThrows } from "@std/assert";
import { FakeSocket } from "../../support/fake_socket.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const { settle } = new VirtualClock();
const runtimes: RuntimeName[] = ["deno", "node", "bun", "chromium"];

/** A socket and the events it raised, closes with their code. */
function observed(runtime: RuntimeName, protocols: string[] = []) {
  const url = "wss://user:secret@h.example/ws";
  const socket = new FakeSocket(url, { runtime, protocols });
  const events: string[] = [];
  const states: number[] = [];
  const note = (text: string) => {
    events.push(text);
    states.push(socket.readyState);
  };
  socket.addEventListener("open", () => note("open"));
  socket.addEventListener("error", () => note("error"));
  socket.addEventListener("message", () => note("message"));
  socket.addEventListener("close", (event) => {
    note(`close ${event.code} ${event.wasClean}`);
  });
  return { socket, events, states };
}

Deno.test("FakeSocket opens, carries messages, closes", async () => {
  const socket = new FakeSocket("ws://h.example/ws", { protocols: ["a"] });
  const heard: unknown[] = [];
  socket.addEventListener("open", () => heard.push(socket.protocol));
  socket.addEventListener("message", (event) => {
    heard.push(event.data);
  });
  socket.addEventListener("close", (event) => {
    heard.push([event.code, event.reason, event.wasClean]);
  });
  assertEquals(socket.url, "ws://h.example/ws");
  assertEquals(socket.readyState, WebSocket.CONNECTING);
  assertThrows(() => socket.send("early"), DOMException, "CONNECTING");
  assertThrows(() => socket.message("early"), Error, "handshake");
  socket.open();
  assertEquals(socket.readyState, WebSocket.OPEN);
  assertEquals(socket.message("hello"), true);
  socket.send("text");
  socket.close(4000, "done");
  assertEquals(socket.readyState, WebSocket.CLOSING);
  assertEquals(socket.ended, false);
  socket.send("late");
  await settle();
  assertEquals(socket.readyState, WebSocket.CLOSED);
  assertEquals(socket.ended, true);
  socket.close();
  assertEquals(heard, ["a", "hello", [4000, "done", true]]);
  assertEquals(socket.sent, ["text"]);
  assertEquals(socket.closeCalls, [
    { code: 4000, reason: "done" },
    { code: undefined, reason: undefined },
  ]);
});

Deno.test("FakeSocket copies buffers and honours binaryType", () => {
  const { socket } = observed("deno");
  const received: unknown[] = [];
  socket.addEventListener("message", (event) => {
    received.push(event.data);
  });
  socket.open();
  const bytes = new Uint8Array([1, 2, 3]);
  socket.send(bytes.subarray(1));
  socket.send(bytes.buffer);
  socket.message(bytes);
  socket.binaryType = "arraybuffer";
  socket.message(bytes.subarray(1));
  bytes.fill(0);
  assertEquals(socket.sent, [
    new Uint8Array([2, 3]),
    new Uint8Array([1, 2, 3]),
  ]);
  assert(received[0] instanceof Blob);
  assert(received[1] instanceof ArrayBuffer);
  assertEquals(new Uint8Array(received[1]), new Uint8Array([2, 3]));
});

Deno.test("FakeSocket checks the arguments of close", () => {
  const { socket } = observed("deno");
  socket.open();
  for (const code of [999, 1001, 1005, 2999, 5000]) {
    const error = assertThrows(() => socket.close(code), DOMException);
    assertEquals(error.name, "InvalidAccessError");
  }
  const error = assertThrows(
    () => socket.close(1000, "é".repeat(62)),
    DOMException,
  );
  assertEquals(error.name, "SyntaxError");
  assertEquals(socket.readyState, WebSocket.OPEN);
  assertEquals(socket.closeCalls, []);

  const bun = observed("bun").socket;
  bun.close(1001);
  assertThrows(() => bun.close(1006), DOMException);
});

Deno.test("FakeSocket throws a scripted error of send once", () => {
  const { socket } = observed("deno");
  socket.open();
  socket.nextSendError = new TypeError("detached");
  assertThrows(() => socket.send("a"), TypeError, "detached");
  socket.send("b");
  assertEquals(socket.sent, ["b"]);
});

Deno.test("FakeSocket plays each runtime's failed handshake", () => {
  const seen = runtimes.map((runtime) => {
    const { socket, events, states } = observed(runtime);
    socket.fail();
    socket.open();
    assertEquals(states, [WebSocket.CLOSED, WebSocket.CLOSED]);
    return events.join(", ");
  });
  assertEquals(seen, [
    "error, close 0 false",
    "error, close 1006 false",
    "error, close 1006 false",
    "error, close 1006 false",
  ]);
});

Deno.test("FakeSocket plays each runtime's error event", () => {
  const seen = runtimes.map((runtime) => {
    const { socket } = observed(runtime);
    let seen: unknown;
    socket.addEventListener("error", (event) => {
      const quotes = event instanceof ErrorEvent &&
        event.message.includes("secret");
      seen = [event instanceof ErrorEvent, "error" in event, quotes];
    });
    socket.fail();
    return seen;
  });
  assertEquals(seen, [
    [true, true, false],
    [false, true, false],
    [true, true, true],
    [false, false, false],
  ]);
});

Deno.test("FakeSocket plays each runtime's reset", () => {
  const seen = runtimes.map((runtime) => {
    const { socket, events } = observed(runtime);
    socket.open();
    socket.reset();
    socket.reset();
    return events.join(", ");
  });
  assertEquals(seen, [
    "open, error, close 0 false",
    "open, error, close 1006 false",
    "open, close 1006 false",
    "open, close 1006 false",
  ]);
});

Deno.test("FakeSocket plays the peer's close frame", () => {
  for (const runtime of runtimes) {
    const clean = observed(runtime);
    clean.socket.open();
    clean.socket.peerClose(1008, "policy");
    assertEquals(clean.events, ["open", "close 1008 true"]);
    const bad = observed(runtime);
    bad.socket.open();
    bad.socket.peerClose(1006, "", false);
    const code = runtime === "deno" ? 0 : 1006;
    assertEquals(bad.events, ["open", "error", `close ${code} false`]);
  }
});

Deno.test("FakeSocket plays each runtime's close while CONNECTING", async () => {
  for (const runtime of runtimes) {
    const { socket, events } = observed(runtime);
    socket.close();
    const inside = [...events];
    assertEquals(socket.readyState, WebSocket.CLOSING);
    await settle();
    socket.open();
    const code = runtime === "deno" ? 0 : 1006;
    assertEquals(events, ["error", `close ${code} false`]);
    assertEquals(socket.ended, true);
    if (runtime === "node") {
      assertEquals(inside, events);
      assertEquals(socket.readyState, WebSocket.CLOSING);
    } else {
      assertEquals(inside, []);
      assertEquals(socket.readyState, WebSocket.CLOSED);
    }
  }
});

Deno.test("FakeSocket delivers after close() where the runtime does", () => {
  const delivered = runtimes.map((runtime) => {
    const { socket, events } = observed(runtime);
    socket.open();
    socket.answersClose = false;
    socket.close();
    const says = socket.message("late");
    assertEquals(events.includes("message"), says);
    socket.peerClose();
    assertEquals(socket.message("later"), false);
    return says;
  });
  assertEquals(delivered, [true, false, false, false]);
});

Deno.test("FakeSocket plays an unanswered close", async () => {
  const ends = await Promise.all(runtimes.map(async (runtime) => {
    const { socket, events } = observed(runtime);
    socket.open();
    socket.answersClose = false;
    socket.close(1000);
    await settle();
    assertEquals(events, ["open"]);
    socket.buffered = 5;
    socket.reset();
    await settle();
    return events.slice(1).join(", ");
  }));
  assertEquals(ends, [
    "close 1005 true, close 1005 true",
    "error, close 1006 false",
    "close 1006 false",
    "close 1006 false",
  ]);
});

Deno.test("FakeSocket counts dropped bytes where the runtime does", () => {
  const amounts = runtimes.map((runtime) => {
    const { socket } = observed(runtime);
    socket.open();
    socket.buffered = 2;
    socket.close();
    socket.send("12345");
    assertEquals(socket.sent, []);
    return socket.bufferedAmount;
  });
  assertEquals(amounts, [2, 2, 7, 7]);
});

Deno.test("FakeSocket compares the subprotocol where the runtime does", () => {
  for (const picked of ["", "unasked"]) {
    const seen = runtimes.map((runtime) => {
      const { socket, events } = observed(runtime, ["a", "b"]);
      socket.open(picked);
      return events[0];
    });
    assertEquals(seen, ["open", "error", "error", "error"]);
  }
  const { socket } = observed("node", ["a", "b"]);
  socket.open("b");
  assertEquals(socket.protocol, "b");
});

Deno.test("FakeSocket has ping and terminate under bun only", async () => {
  for (const runtime of ["deno", "node", "chromium"] as const) {
    const { socket } = observed(runtime);
    assertEquals([socket.ping, socket.terminate], [undefined, undefined]);
  }
  const { socket, events } = observed("bun");
  const pongs: unknown[] = [];
  socket.addEventListener("pong", (event) => {
    pongs.push(event.data);
  });
  socket.open();
  socket.ping?.("1");
  await settle();
  socket.answersPing = false;
  socket.ping?.("2");
  await settle();
  assertEquals(socket.pings, ["1", "2"]);
  assertEquals(pongs, ["1"]);
  socket.terminate?.();
  assertEquals(socket.readyState, WebSocket.OPEN);
  await settle();
  assertEquals(events, ["open", "close 1006 false"]);
});

Deno.test("FakeSocket raises close two times when told", async () => {
  const { socket, events } = observed("chromium");
  socket.open();
  socket.closesTwice = true;
  socket.peerClose(1001);
  await settle();
  assertEquals(events, ["open", "close 1001 true", "close 1001 true"]);
});
