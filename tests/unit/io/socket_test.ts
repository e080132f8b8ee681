import { assertEquals, assertThrows } from "@std/assert";
import { hasRoom, Socket, type SocketEnd } from "../../../src/io/socket.ts";
import { FakeSocket } from "../../support/fake_socket.ts";
import { RecordingOwner } from "../../support/recording_owner.ts";
import type { RuntimeName } from "../../support/runtime_profile.ts";

const RUNTIMES: readonly RuntimeName[] = ["deno", "node", "bun", "chromium"];

function setUp(runtime: RuntimeName) {
  const raw = new FakeSocket("wss://h/", { runtime });
  const owner = new RecordingOwner();
  const socket = new Socket(raw, owner);
  socket.listen();
  return { raw, owner, socket };
}

/** A test of each runtime's profile. */
function testEach(
  name: string,
  body: (runtime: RuntimeName) => void | Promise<void>,
): void {
  for (const runtime of RUNTIMES) {
    Deno.test(`${name} (${runtime})`, () => body(runtime));
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await undefined;
}

const BROKEN: SocketEnd = { code: 1006, reason: "", wasClean: false };

testEach(
  "F66 binaryType is arraybuffer, and listeners come first",
  (runtime) => {
    const { raw, owner } = setUp(runtime);
    assertEquals(raw.binaryType, "arraybuffer");
    // In the same segment as the handshake's answer.
    raw.open();
    raw.message("greeting");
    raw.message(new Uint8Array([1, 2]));
    assertEquals(owner.log, ["opened", "received", "received"]);
    assertEquals(owner.data, ["greeting", new Uint8Array([1, 2]).buffer]);
  },
);

testEach(
  "4.8 a clean close is told once, with its code and reason",
  async (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    raw.open();
    assertEquals(socket.isOpen, true);
    raw.peerClose(1001, "going away");
    assertEquals(owner.ends, [
      { code: 1001, reason: "going away", wasClean: true },
    ]);
    assertEquals([socket.isOpen, socket.isClosed], [false, true]);
    await settle();
    assertEquals(owner.ends.length, 1);
    assertEquals(raw.listenerCount(), 0);
  },
);

testEach("F23 a close without code is 1005, and clean", (runtime) => {
  const { raw, owner } = setUp(runtime);
  raw.open();
  raw.peerClose(1005);
  assertEquals(owner.ends, [{ code: 1005, reason: "", wasClean: true }]);
});

testEach(
  "F24, F27 a broken connection is 1006, with or without an error event",
  (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    raw.open();
    raw.reset();
    assertEquals(owner.ends, [BROKEN]);
    assertEquals(socket.isClosed, true);
  },
);

testEach("F2 a failed handshake is 1006, and never opens", (runtime) => {
  const { raw, owner } = setUp(runtime);
  raw.fail();
  assertEquals(owner.log, ["closed"]);
  assertEquals(owner.ends, [BROKEN]);
  raw.open();
  assertEquals(owner.log, ["closed"]);
});

testEach("F25 an invalid code on the wire is 1006", (runtime) => {
  const { raw, owner } = setUp(runtime);
  raw.open();
  raw.peerClose(1006, "", false);
  assertEquals(owner.ends, [BROKEN]);
});

testEach("4.8 close begins the handshake once", async (runtime) => {
  const { raw, owner, socket } = setUp(runtime);
  raw.open();
  socket.close(4_000, "bye");
  socket.close(1_000, "");
  assertEquals(raw.closeCalls, [{ code: 4_000, reason: "bye" }]);
  assertEquals([socket.isOpen, socket.isClosed], [false, false]);
  await settle();
  assertEquals(owner.ends, [{ code: 4_000, reason: "bye", wasClean: true }]);
  socket.close(1_000, "");
  assertEquals(raw.closeCalls.length, 1);
});

testEach(
  "4.8 close while CONNECTING ends once, inside close or after",
  async (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    socket.close(1_000, "");
    assertEquals(owner.log.length, runtime === "node" ? 1 : 0);
    await settle();
    assertEquals(owner.log, ["closed"]);
    assertEquals(owner.ends, [BROKEN]);
    // Node's readyState stays at 2 for ever: the state is our own.
    assertEquals([socket.isOpen, socket.isClosed], [false, true]);
    assertEquals(raw.listenerCount(), 0);
  },
);

testEach(
  "F57 the state is right when the owner is told within close",
  (runtime) => {
    const { owner, socket } = setUp(runtime);
    const seen: boolean[] = [];
    owner.onClosed = () => {
      seen.push(socket.isClosed, socket.isOpen);
      socket.close(1_000, "");
      socket.abandon();
    };
    socket.close(1_000, "");
    assertEquals(seen, runtime === "node" ? [true, false] : []);
    assertEquals(owner.ends.length, runtime === "node" ? 1 : 0);
  },
);

testEach(
  "F31 messages after close are late, after the end unheard",
  async (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    raw.open();
    socket.close(1_000, "");
    const isDelivered = raw.message("late");
    assertEquals(isDelivered, runtime === "deno");
    await settle();
    raw.message("later");
    raw.dispatchEvent(new MessageEvent("message", { data: "forced" }));
    const expected = isDelivered ? ["late"] : [];
    assertEquals(owner.log, ["opened", ...expected, "closed"]);
    assertEquals(owner.data, []);
  },
);

testEach(
  "F30 a peer that dies unanswering, with bytes unsent, closes once",
  async (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    raw.open();
    raw.answersClose = false;
    raw.buffered = 1;
    // Deno raises `close` twice here.
    raw.closesTwice = true;
    socket.close(1_000, "");
    raw.reset();
    await settle();
    assertEquals(owner.ends.length, 1);
    assertEquals(raw.listenerCount(), 0);
  },
);

testEach(
  "F29 close that is never answered leaves the end to the owner",
  async (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    raw.open();
    raw.answersClose = false;
    socket.close(1_000, "");
    await settle();
    assertEquals(owner.ends, []);
    socket.abandon();
    // Where it can be killed it is closed now; else its end is still awaited.
    const isKilled = runtime === "bun";
    assertEquals(owner.ends, isKilled ? [BROKEN] : []);
    await settle();
    assertEquals(raw.ended, isKilled);
    raw.peerClose();
    assertEquals(owner.ends.length, 1);
    socket.abandon();
    assertEquals(owner.ends.length, 1);
  },
);

testEach(
  "4.8 detach leaves no listener and hears nothing more",
  async (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    raw.open();
    assertEquals(raw.listenerCount() > 0, true);
    socket.detach();
    assertEquals(raw.listenerCount(), 0);
    raw.message("x");
    raw.peerClose();
    await settle();
    assertEquals(owner.log, ["opened"]);
    assertEquals(socket.isClosed, true);
  },
);

testEach(
  "4.6 an open socket listens to nothing that cannot come any more",
  (runtime) => {
    const { raw, socket } = setUp(runtime);
    raw.open();
    assertEquals(
      ["open", "message", "close", "error", "pong"].map((type) =>
        raw.listenerCount(type)
      ),
      [0, 1, 1, 1, 0],
    );
    // Asked twice, listened to once.
    socket.hearPongs();
    socket.ping();
    assertEquals(raw.listenerCount("pong"), runtime === "bun" ? 1 : 0);
  },
);

Deno.test("F14 the errors of an emitter are heard until it has closed, also when it was given up", () => {
  for (const on of [undefined, () => {}, "getter"] as const) {
    for (const end of ["abandon", "detach", "close"] as const) {
      const { raw, socket } = setUp("bun");
      assertEquals(raw.listenerCount("error"), 1);
      raw.open();
      Object.defineProperty(raw, "on", {
        get() {
          if (on === "getter") throw new Error("not supported");
          return on;
        },
      });
      if (end === "close") raw.peerClose();
      else socket[end]();
      const left = end === "close" || on === undefined ? 0 : 1;
      assertEquals(raw.listenerCount("error"), left);
      assertEquals(raw.listenerCount(), left);
    }
  }
});

Deno.test("F14 the runtime's own socket is not asked for its errors: nothing follows from them", () => {
  const raw = new FakeSocket("wss://h/");
  // By its prototypes it is one; its methods are the fake's.
  class Own extends WebSocket {}
  for (const name of ["addEventListener", "removeEventListener"] as const) {
    Object.defineProperty(raw, name, { value: raw[name].bind(raw) });
  }
  const { hasInstance } = Symbol;
  const { WebSocket: standard } = globalThis;
  Object.defineProperty(Own, hasInstance, { value: () => true });
  globalThis.WebSocket = Own;
  try {
    new Socket(raw, new RecordingOwner()).listen();
    assertEquals(raw.listenerCount("error"), 0);
    assertEquals(raw.listenerCount("message"), 1);
  } finally {
    globalThis.WebSocket = standard;
  }
});

Deno.test("4.9 F58 an event with empty data is what its type says", () => {
  const { raw, owner } = setUp("deno");
  const withData = (event: Event) => Object.assign(event, { data: null });
  raw.dispatchEvent(withData(new Event("open")));
  assertEquals(owner.log, ["opened"]);
  raw.dispatchEvent(withData(new Event("close")));
  assertEquals(owner.ends, [BROKEN]);
});

Deno.test("4.9 F58 a socket whose pongs cannot be heard is used without them", () => {
  const fail = () => {
    throw new Error("not supported");
  };
  for (const raw of [{ on: fail }, { ping: fail, addEventListener: fail }]) {
    const { raw: fake, owner, socket } = setUp("bun");
    fake.open();
    Object.assign(fake, raw);
    socket.hearPongs();
    socket.ping();
    assertEquals([owner.log, socket.isOpen], [["opened"], true]);
  }
});

Deno.test("4.4 a message without data is received for what it is", () => {
  const { raw, owner, socket } = setUp("deno");
  raw.open();
  raw.dispatchEvent(new Event("message"));
  raw.answersClose = false;
  socket.close(1_000, "");
  raw.dispatchEvent(new Event("message"));
  assertEquals(owner.log, ["opened", "received", "late"]);
});

testEach("F45 isOpen asks the runtime at this moment", (runtime) => {
  const { raw, socket } = setUp(runtime);
  assertEquals(socket.isOpen, false);
  raw.open();
  assertEquals(socket.isOpen, true);
  // The factory's owner closes it behind the pool's back.
  raw.answersClose = false;
  raw.close();
  assertEquals([socket.isOpen, socket.isClosed], [false, false]);
});

testEach(
  "F58 a close by the factory's owner is told like any other",
  async (runtime) => {
    const { raw, owner } = setUp(runtime);
    raw.open();
    raw.close(4_001, "mine");
    await settle();
    assertEquals(owner.ends, [{ code: 4_001, reason: "mine", wasClean: true }]);
  },
);

testEach("4.2 protocol and bufferedAmount are the runtime's", (runtime) => {
  const raw = new FakeSocket("wss://h/", { runtime, protocols: ["a", "b"] });
  const socket = new Socket(raw, new RecordingOwner());
  socket.listen();
  raw.open("b");
  raw.buffered = 7;
  assertEquals([socket.protocol, socket.bufferedAmount], ["b", 7]);
  socket.send("x");
  assertEquals(raw.sent, ["x"]);
});

testEach(
  "4.6 a pong is told while the socket is open, and where it can ping",
  async (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    const canPing = runtime === "bun";
    assertEquals(socket.canPing, canPing);
    raw.open();
    socket.ping();
    await settle();
    assertEquals(owner.log, canPing ? ["opened", "ponged"] : ["opened"]);
    // Late: the pool has begun to close it.
    raw.answersClose = false;
    socket.close(1_000, "");
    raw.dispatchEvent(new MessageEvent("pong"));
    socket.detach();
    raw.dispatchEvent(new MessageEvent("pong"));
    assertEquals(owner.log.length, canPing ? 2 : 1);
    assertEquals(raw.listenerCount(), 0);
  },
);

Deno.test("4.6 a ping that throws is left to the silence that follows", () => {
  const { raw, owner, socket } = setUp("bun");
  const fail = () => {
    throw new Error("broken");
  };
  Object.assign(raw, { ping: fail });
  raw.open();
  socket.ping();
  assertEquals(owner.log, ["opened"]);
  assertEquals(socket.isOpen, true);
});

testEach(
  "4.5 once handed over, another owner hears the rest",
  async (runtime) => {
    const { raw, owner, socket } = setUp(runtime);
    raw.open();
    const other = new RecordingOwner();
    socket.handOver(other);
    raw.message("x");
    raw.peerClose();
    await settle();
    assertEquals(owner.log, ["opened"]);
    assertEquals(other.log, ["received", "closed"]);
    assertEquals(raw.listenerCount(), 0);
  },
);

Deno.test("4.9 a socket whose close and terminate throw is left to time", () => {
  const { raw, owner, socket } = setUp("bun");
  const fail = () => {
    throw new Error("broken");
  };
  Object.assign(raw, { close: fail, terminate: fail });
  raw.open();
  socket.close(1_000, "");
  assertEquals([socket.isOpen, socket.isClosed], [false, false]);
  socket.abandon();
  assertEquals(owner.ends, [BROKEN]);
});

Deno.test("F14 a dial given up within one turn still has its error heard", async () => {
  // npm `ws` ends the process with an `error` that has no listener.
  for (const giveUp of ["abandon", "detach"] as const) {
    const { raw, owner, socket } = setUp("bun");
    socket.close(1_000, "");
    socket[giveUp]();
    assertEquals(raw.listenerCount("error"), 1);
    assertEquals(raw.listenerCount(), 1);
    assertEquals(socket.isClosed, true);
    await settle();
    assertEquals(owner.log, giveUp === "abandon" ? ["closed"] : []);
  }
});

Deno.test("F24 an end that lacks its fields is a broken one", () => {
  const { raw, owner } = setUp("deno");
  raw.open();
  raw.dispatchEvent(new Event("close"));
  assertEquals(owner.ends, [BROKEN]);
});

Deno.test("F24 an abnormal code is never clean, whatever the runtime says", () => {
  for (const code of [0, 1006]) {
    const { raw, owner } = setUp("deno");
    raw.open();
    raw.dispatchEvent(new CloseEvent("close", { code, wasClean: true }));
    assertEquals(owner.ends, [BROKEN]);
  }
});

Deno.test("4.9 F58 a socket that cannot be listened to is closed, and listened to by nobody", () => {
  const fail = () => {
    throw new Error("not supported");
  };
  for (const runtime of RUNTIMES) {
    const raw = new FakeSocket("wss://h/", { runtime });
    Object.defineProperty(raw, "binaryType", { set: fail });
    const owner = new RecordingOwner();
    const socket = new Socket(raw, owner);
    assertThrows(() => socket.listen(), Error, "not supported");
    assertEquals(raw.closeCalls.length, 1);
    for (const type of ["open", "message", "close", "pong"]) {
      assertEquals(raw.listenerCount(type), 0, type);
    }
    assertEquals(owner.log, []);
  }
});

Deno.test("4.9 F58 the end of a socket that lets nobody go is told", () => {
  const { raw, owner } = setUp("deno");
  raw.removeEventListener = () => {
    throw new Error("not supported");
  };
  raw.open();
  raw.reset();
  assertEquals(owner.ends, [BROKEN]);
});

Deno.test("4.9 F58 a socket that cannot tell its state is of no use", () => {
  const { raw, socket } = setUp("deno");
  raw.open();
  const get = () => {
    throw new Error("not supported");
  };
  Object.defineProperty(raw, "bufferedAmount", { get });
  assertEquals([socket.isOpen, hasRoom(raw, Infinity)], [true, false]);
  Object.defineProperty(raw, "readyState", { get });
  assertEquals([socket.isOpen, socket.bufferedAmount], [false, Infinity]);
});
