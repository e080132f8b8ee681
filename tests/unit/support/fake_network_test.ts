import { assertEquals, assertThrows } from "@std/assert";
import { FakeNetwork } from "../../support/fake_network.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("FakeNetwork records every dial", async () => {
  const clock = new VirtualClock();
  const network = new FakeNetwork({ now: () => clock.time });
  assertThrows(() => network.last, Error, "Nothing was dialled");
  network.factory("ws://h.example/a?x=1", {
    protocols: ["p"],
    headers: new Headers({ cookie: "c" }),
  });
  await clock.advance(5);
  network.factory("ws://h.example:81/b", { protocols: [] });
  assertEquals(
    network.dials.map(({ headers, ...dial }) => ({
      ...dial,
      cookie: headers?.get("cookie"),
    })),
    [
      { url: "ws://h.example/a?x=1", protocols: ["p"], at: 1_000, cookie: "c" },
      {
        url: "ws://h.example:81/b",
        protocols: [],
        at: 1_005,
        cookie: undefined,
      },
    ],
  );
  assertEquals(network.sockets.length, 2);
  assertEquals(network.last.url, "ws://h.example:81/b");
  assertEquals(clock.reads, 0);
});

Deno.test("FakeNetwork plays the behaviour of the newest rule", async () => {
  const { settle } = new VirtualClock();
  const network = new FakeNetwork();
  network.behave("dead.example", "refuse");
  network.behave("/manual", "manual");
  network.behave("dead.example/hang", "hang");
  network.behave("h.example:81", (socket) =>
    socket.addEventListener(
      "open",
      () => socket.message("hello"),
    ));
  network.behave("/throws", () => {
    throw new DOMException("Bad address", "SyntaxError");
  });
  const dial = (url: string) => network.factory(url, { protocols: ["a"] });
  const states = (...urls: string[]) => urls.map(dial);

  const sockets = states(
    "ws://h.example/any",
    "ws://dead.example/any",
    "ws://h.example/manual",
    "ws://dead.example/hang",
  );
  assertEquals(sockets.map((socket) => socket.readyState), [0, 0, 0, 0]);
  await settle();
  assertEquals(sockets.map((socket) => socket.readyState), [1, 3, 0, 0]);
  assertEquals(sockets[0]?.protocol, "a");
  assertThrows(() => dial("ws://h.example/throws"), DOMException);
  assertEquals(network.sockets.length, 4);
  assertEquals(network.dials.length, 5);
  assertEquals(network.socketsTo("dead.example"), [sockets[1], sockets[3]]);

  network.behaviour = "refuse";
  const refused = dial("ws://h.example/any");
  await settle();
  assertEquals(refused.readyState, 3);
});

Deno.test("FakeNetwork counts handshakes and live sockets", async () => {
  const { settle } = new VirtualClock();
  for (const runtime of ["deno", "node"] as const) {
    const network = new FakeNetwork({ runtime });
    network.behaviour = "manual";
    const dial = () => network.factory("ws://h.example/", { protocols: [] });
    const [first, second, third] = [dial(), dial(), dial()];
    assertEquals([network.connecting, network.live], [3, 3]);
    first.open();
    second.fail();
    assertEquals([network.connecting, network.live], [1, 2]);
    third.close();
    await settle();
    assertEquals([network.connecting, network.live], [0, 1]);
    first.answersClose = false;
    first.close();
    await settle();
    assertEquals(network.live, 1);
    first.peerClose();
    assertEquals([network.connecting, network.live], [0, 0]);
    assertEquals([network.maxConnecting, network.maxLive], [3, 3]);
  }
});
