import { assert, assertEquals, assertRejects } from "@std/assert";
import { opcodes, textFrame } from "../../support/frames.ts";
import { numberedFrames } from "../../support/raw_scripts.ts";
import { RawServer } from "../../support/raw_server.ts";
import { RealClient } from "../../support/real_client.ts";

function endsWith(bytes: number[], end: number[]): boolean {
  return end.every((byte, index) =>
    bytes[bytes.length - end.length + index] === byte
  );
}

/** What a real client saw of a scripted path, by the end of its socket. */
async function seenOf(path: string, protocols?: string[]): Promise<string[]> {
  await using server = await RawServer.start();
  const client = new RealClient(server.url(path), protocols);
  await client.ended;
  await server.until(() => server.openTcp === 0);
  return client.events;
}

Deno.test("RawServer fails handshakes by path", async () => {
  const paths = ["status/401", "redirect", "garbage", "reset-handshake"];
  for (const path of [...paths, "fin-handshake"]) {
    assertEquals(await seenOf(`/${path}`), ["error", "close 0 false"], path);
  }
});

Deno.test("RawServer never answers under /hang", async () => {
  await using server = await RawServer.start();
  const client = new RealClient(server.url("/hang?a=1"));
  const peer = await server.peer();
  assertEquals(peer.path, "/hang?a=1");
  assertEquals([server.open, server.openTcp], [1, 1]);
  assertEquals(client.socket.readyState, WebSocket.CONNECTING);
  client.socket.close();
  await client.ended;
  await server.until(() => server.openTcp === 0);
  assertEquals([server.open, server.maxOpen, server.total], [0, 1, 1]);
});

Deno.test("RawServer breaks the handshake's rules by path", async () => {
  await using server = await RawServer.start();
  const picked = {
    "/wrong-accept": "",
    "/no-protocol": "",
    "/unasked-protocol": "unasked",
  };
  for (const [path, protocol] of Object.entries(picked)) {
    const client = new RealClient(server.url(path), ["a", "b"]);
    await client.opened;
    assertEquals(client.socket.protocol, protocol);
    client.socket.close();
    await client.ended;
  }
  assertEquals(server.peers.map((peer) => peer.request.protocols), [
    ["a", "b"],
    ["a", "b"],
    ["a", "b"],
  ]);
});

Deno.test("RawServer ends connections by path", async () => {
  const abnormal = ["open", "error", "close 0 false"];
  assertEquals(await seenOf("/fin"), abnormal);
  assertEquals(await seenOf("/reset"), abnormal);
  assertEquals(await seenOf("/invalid-utf8"), abnormal);
  assertEquals(await seenOf("/close/1006"), abnormal);
  assertEquals(await seenOf("/close/999"), abnormal);
  assertEquals(await seenOf("/close/1008"), ["open", "close 1008 true"]);
  assertEquals(await seenOf("/close"), ["open", "close 1005 true"]);
  assertEquals(await seenOf("/reset-mid-frame"), [
    "open",
    "message whole",
    "error",
    "close 0 false",
  ]);
});

Deno.test("RawServer sends bursts in the segment of the 101", async () => {
  assertEquals(await seenOf("/burst-close/3"), [
    "open",
    "message 0",
    "message 1",
    "message 2",
    "close 1000 true",
  ]);
});

Deno.test("RawServer sends a true RST", async () => {
  await using server = await RawServer.start({
    handler: async (peer) => {
      await peer.accept();
      await peer.write(textFrame("last"));
      peer.reset();
    },
  });
  const client = new RealClient(server.url("/"));
  await client.ended;
  assertEquals(client.events[1], "message last");
  assert(client.errorText.includes("reset"), client.errorText);
});

Deno.test("RawServer echoes and records what came", async () => {
  await using server = await RawServer.start();
  const client = new RealClient(server.url("/echo"), ["a"]);
  await client.opened;
  assertEquals(client.socket.protocol, "a");
  const large = "x".repeat(200_000);
  client.socket.send("text");
  client.socket.send(new Uint8Array([1, 2]));
  client.socket.send(large);
  const peer = await server.peer();
  await server.until(() => peer.messages.length === 3);
  assertEquals(peer.messages, ["text", new Uint8Array([1, 2]), large]);
  client.socket.close(4001, "bye");
  await client.ended;
  assertEquals(client.events.map((event) => event.slice(0, 20)), [
    "open",
    "message text",
    "message 2 bytes",
    "message xxxxxxxxxxxx",
    "close 4001 true",
  ]);
  assertEquals(peer.closeCode, 4001);
  assertEquals(peer.frames.map((frame) => frame.opcode), [
    opcodes.text,
    opcodes.binary,
    opcodes.text,
    opcodes.close,
  ]);
});

Deno.test("RawServer lets the test speak for a peer", async () => {
  await using server = await RawServer.start();
  const client = new RealClient(server.url("/quiet"));
  await client.opened;
  const peer = await server.peer();
  await peer.text("one");
  await peer.binary(new Uint8Array(3));
  await peer.write(...numberedFrames(2));
  await peer.ping("p");
  await server.until(() => peer.frames.length === 1);
  assertEquals(peer.frames[0]?.opcode, opcodes.pong);
  await peer.close(1012, "restart");
  await client.ended;
  assertEquals(client.events, [
    "open",
    "message one",
    "message 3 bytes",
    "message 0",
    "message 1",
    "close 1012 true",
  ]);
  await server.until(() => server.openTcp === 0);
  assertEquals(peer.closeCode, 1012);
  assertEquals(peer.isOpen, false);
  // A peer that is gone takes writes without a word.
  await peer.text("nobody there");
});

Deno.test("RawServer can leave a close frame unanswered", async () => {
  await using server = await RawServer.start();
  const client = new RealClient(server.url("/no-close-answer"));
  await client.opened;
  client.socket.close(4001);
  const peer = await server.peer();
  await server.until(() => peer.closeCode === 4001);
  assertEquals(client.socket.readyState, WebSocket.CLOSING);
  assertEquals([server.open, server.openTcp], [1, 1]);
  peer.reset();
  await client.ended;
});

Deno.test("RawServer can answer close and keep TCP open", async () => {
  await using server = await RawServer.start();
  const client = new RealClient(server.url("/no-fin"));
  await client.opened;
  client.socket.close(4001);
  await client.ended;
  const peer = await server.peer();
  await server.until(() => peer.finReceived);
  // A whole connection of another client: time enough for a wrong FIN.
  const other = new RealClient(server.url("/close/1000"));
  await other.ended;
  const otherPeer = await server.peer(1);
  await server.until(() => !otherPeer.isOpen);
  assertEquals(peer.isOpen, true);
  assertEquals([server.open, server.openTcp], [0, 1]);
});

Deno.test("RawServer can stop reading", async () => {
  await using server = await RawServer.start();
  const client = new RealClient(server.url("/quiet"));
  await client.opened;
  const peer = await server.peer();
  peer.pause();
  const chunk = new Uint8Array(1_048_576);
  for (let count = 0; count < 16; count++) client.socket.send(chunk);
  await assertRejects(
    () => server.until(() => peer.messages.length === 16, 100),
    Error,
    "Not true",
  );
  assert(client.socket.bufferedAmount > 0);
  peer.resume();
  await server.until(() => peer.messages.length === 16);
  client.socket.close();
  await client.ended;
});

Deno.test("RawServer counts and can come back on its port", async () => {
  const first = await RawServer.start();
  const clients = [1, 2, 3].map(() => new RealClient(first.url("/echo")));
  await Promise.all(clients.map((client) => client.opened));
  assertEquals([first.open, first.maxOpen, first.total], [3, 3, 3]);
  clients[0]?.socket.close();
  await first.until(() => first.open === 2);
  await first.stop();
  await Promise.all(clients.map((client) => client.ended));

  const refused = new RealClient(first.url("/echo"));
  await refused.ended;
  assertEquals(refused.events, ["error", "close 0 false"]);

  await using second = await RawServer.start({ port: first.port });
  const client = new RealClient(second.url("/close/1000"));
  await client.ended;
  assertEquals(client.events, ["open", "close 1000 true"]);
});

Deno.test("RawServer answers a ping in the request's segment", async () => {
  await using server = await RawServer.start();
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: server.port,
  });
  const request = "GET / HTTP/1.1\r\nSec-WebSocket-Key: k\r\n\r\n";
  const ping = [0x89, 0x81, 0, 0, 0, 0, 0x70];
  await connection.write(
    new Uint8Array([...new TextEncoder().encode(request), ...ping]),
  );
  const pong = [0x8A, 0x01, 0x70];
  const received: number[] = [];
  while (!endsWith(received, pong)) {
    const chunk = new Uint8Array(1_024);
    const count = await connection.read(chunk);
    assert(count !== null, "no pong before the end");
    received.push(...chunk.subarray(0, count));
  }
});

Deno.test("RawServer drops what is no HTTP request", async () => {
  await using server = await RawServer.start();
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: server.port,
  });
  await connection.write(new TextEncoder().encode("\x16\x03\x01\r\n\r\n"));
  assertEquals(await connection.read(new Uint8Array(1)), null);
  assertEquals(server.peers, []);
});

Deno.test("RawServer reports a handler that throws", async () => {
  const server = await RawServer.start({
    handler: (peer) => {
      peer.reset();
      throw new Error("in the handler");
    },
  });
  const client = new RealClient(server.url("/"));
  await client.ended;
  await assertRejects(
    () => server[Symbol.asyncDispose](),
    Error,
    "in the handler",
  );
});
