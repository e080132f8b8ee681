/**
 * What a peer can do with frames, on real sockets.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionPool } from "@jetsocket/pool";
import {
  encodeFrame,
  joinBytes,
  opcodes,
  textFrame,
} from "../support/frames.ts";
import { RawServer } from "../support/raw_server.ts";

const DEEP = Deno.env.get("DEEP") === "1";

Deno.test("F67 a flood of pings and of empty fragments: nothing of it is a message, and the lease goes on", async () => {
  const count = DEEP ? 200_000 : 20_000;
  await using server = await RawServer.start();
  await using pool = new ConnectionPool<string>({
    baseUrl: server.url(""),
    websocket: { codec: "text" },
  });
  await using conn = await pool.acquire("/");
  const peer = await server.peer();
  // Its pongs are of no interest here, and would be kept one by one.
  peer.pause();
  const none = new Uint8Array();
  const ping = encodeFrame(opcodes.ping, none);
  const fragment = encodeFrame(opcodes.continuation, none, false);
  const many = (frame: Uint8Array) => joinBytes(new Array(count).fill(frame));
  const writing = peer.write(
    many(ping),
    encodeFrame(opcodes.text, new TextEncoder().encode("in "), false),
    many(fragment),
    encodeFrame(opcodes.continuation, new TextEncoder().encode("two")),
    textFrame("next"),
  );
  assertEquals(await conn.receive({ timeout: 60_000 }), "in two");
  assertEquals(await conn.receive({ timeout: 20_000 }), "next");
  await writing;
  assertEquals(pool.stats().totalMessagesReceived, 2);
  peer.resume();
});

Deno.test("F68 a server that trickles: the reader's own deadline ends the wait, the lease and the message live", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool<string>({
    baseUrl: server.url(""),
    websocket: { codec: "text" },
  });
  await using conn = await pool.acquire("/");
  const peer = await server.peer();
  const frame = textFrame("whole");
  await peer.write(frame.subarray(0, 3));
  const error = await assertRejects(
    () => conn.receive({ timeout: 50 }),
    DOMException,
  );
  assertEquals(error.name, "TimeoutError");
  assertEquals([conn.isConnected, conn.signal.aborted], [true, false]);
  await peer.write(frame.subarray(3));
  assertEquals(await conn.receive({ timeout: 20_000 }), "whole");
});
