import { assertEquals } from "@std/assert";
import { numberedFrames } from "../../support/raw_scripts.ts";
import { RawServer } from "../../support/raw_server.ts";
import { FakeSocket } from "../../support/fake_socket.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { RealClient } from "../../support/real_client.ts";

interface Scenario {
  readonly name: string;
  readonly path: string;
  /** The client's part, at a real socket. */
  readonly act?: (client: RealClient, server: RawServer) => Promise<void>;
  readonly play: (socket: FakeSocket) => void;
}

const MESSAGES = 20;

const scenarios: Scenario[] = [
  {
    name: "a refused handshake",
    path: "/status/401",
    play: (socket) => socket.fail(),
  },
  {
    name: "an unasked subprotocol",
    path: "/unasked-protocol",
    act: async ({ opened, socket }) => {
      await opened;
      socket.close(1000);
    },
    play: (socket) => {
      socket.open("unasked");
      socket.close(1000);
    },
  },
  {
    name: "close() while CONNECTING",
    path: "/hang",
    act: async ({ socket }, server) => {
      await server.peer();
      socket.close();
    },
    play: (socket) => socket.close(),
  },
  {
    name: "the peer's close frame",
    path: "/close/1013",
    play: (socket) => {
      socket.open();
      socket.peerClose(1013, "scripted");
    },
  },
  {
    name: "a reset",
    path: "/reset",
    play: (socket) => {
      socket.open();
      socket.reset();
    },
  },
  {
    name: "FIN without a close frame",
    path: "/fin",
    play: (socket) => {
      socket.open();
      socket.reset();
    },
  },
  {
    name: "broken framing",
    path: "/invalid-utf8",
    play: (socket) => {
      socket.open();
      socket.fail();
    },
  },
  {
    name: "a peer that dies before it answers close()",
    path: "/no-close-answer",
    act: async ({ opened, socket }, server) => {
      await opened;
      socket.close(1000);
      const peer = await server.peer();
      await server.until(() => peer.closeCode !== undefined);
      peer.reset();
    },
    play: (socket) => {
      socket.answersClose = false;
      socket.open();
      socket.close(1000);
      socket.reset();
    },
  },
  {
    name: "messages after close()",
    path: "/quiet",
    act: async ({ opened, socket }, server) => {
      socket.addEventListener("message", ({ data }) => {
        if (data === "3") socket.close(4000);
      });
      await opened;
      await (await server.peer()).write(...numberedFrames(MESSAGES));
    },
    play: (socket) => {
      socket.open();
      socket.answersClose = false;
      for (let index = 0; index < MESSAGES; index++) {
        socket.message(String(index));
        if (index === 3) socket.close(4000);
      }
      socket.peerClose(4000);
    },
  },
];

for (const { name, path, act, play } of scenarios) {
  Deno.test(`FakeSocket is like Deno's WebSocket in ${name}`, async () => {
    await using server = await RawServer.start();
    const client = new RealClient(server.url(path));
    await act?.(client, server);
    await client.ended;

    const fake = new FakeSocket("ws://h.example/");
    const events: string[] = [];
    fake.addEventListener("open", () => events.push("open"));
    fake.addEventListener("error", () => events.push("error"));
    fake.addEventListener("message", (event) => {
      events.push(`message ${event.data}`);
    });
    fake.addEventListener("close", (event) => {
      events.push(`close ${event.code} ${event.wasClean}`);
    });
    play(fake);
    await new VirtualClock().settle();

    assertEquals(events, client.events);
    assertEquals(fake.protocol, client.socket.protocol);
    assertEquals(fake.readyState, client.socket.readyState);
  });
}
