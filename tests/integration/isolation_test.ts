import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionPool, LeaseReleasedError } from "@jetsocket/pool";
import { EchoServer } from "../support/echo_server.ts";
import { textFrame } from "../support/frames.ts";
import { numberedFrames } from "../support/raw_scripts.ts";
import { RawServer } from "../support/raw_server.ts";
import { nextEvent, untilPool } from "./pool_events.ts";

Deno.test("4.4 F31 a message that arrives after the release never reaches the next lease", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const first = await pool.acquire("/echo");
  const peer = await server.peer();
  await first.release();
  const gap = nextEvent(pool, "gap");
  await peer.text('"for the first lease"');
  const { reason, dropped, connectionId } = await gap;
  assertEquals([reason, dropped, connectionId], ["idle", 1, first.id]);

  await using second = await pool.acquire("/echo");
  assertEquals([second.id, second.reused], [first.id, true]);
  await second.send("for the second lease");
  assertEquals(await second.receive(), "for the second lease");
  assertEquals(pool.stats().totalMessagesDropped, 1);
  await assertRejects(() => first.receive(), LeaseReleasedError);
});

Deno.test("4.4 F43 what a lease left unread never reaches the next lease", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const first = await pool.acquire("/echo");
  const peer = await server.peer();
  await peer.write(...numberedFrames(5));
  assertEquals(await first.receive(), 0);
  // All five are here once the ping that followed them is answered.
  await peer.ping();
  await peer.until(() => peer.frames.length === 1);
  const gap = nextEvent(pool, "gap");
  await first.release();
  assertEquals(((e) => [e.reason, e.dropped])(await gap), ["unread", 4]);
  await using second = await pool.acquire("/echo");
  assertEquals(second.id, first.id);
  await peer.text('"new"');
  assertEquals(await second.receive(), "new");
});

Deno.test("4.4 F31 messages that Deno delivers after close() reach nobody and are counted", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  const conn = await pool.acquire("/echo");
  const peer = await server.peer();
  const seen: unknown[] = [];
  const reading = conn.forEach((message) => {
    seen.push(message);
    if (seen.length === 3) conn.discard();
  });
  await peer.write(...numberedFrames(1_000));
  await reading;
  await untilPool(pool, () => pool.stats().totalMessagesReceived === 1_000);
  assertEquals(seen, [0, 1, 2]);
  assertEquals(pool.stats().totalMessagesDropped, 997);
  await peer.until(() => !peer.isOpen);
});

Deno.test("4.4 a greeting reaches the first lease, and only the first", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool<string>({
    baseUrl: server.url(""),
    websocket: { codec: "text" },
  });
  {
    await using conn = await pool.acquire("/greet");
    assertEquals(await conn.receive(), "hello");
  }
  await using conn = await pool.acquire("/greet");
  assertEquals(conn.reused, true);
  await conn.sendRaw("mine");
  assertEquals(await conn.receive(), "mine");
});

Deno.test("4.4 a greeting in the same segment as the 101 reaches the first lease, after what onOpen read", async () => {
  await using server = await RawServer.start({
    handler: (peer) =>
      peer.accept({ followedBy: [textFrame("1"), textFrame("2")] }),
  });
  const heard: unknown[] = [];
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: {
      onOpen: async (conn) => {
        heard.push(await conn.receive());
      },
    },
  });
  await using conn = await pool.acquire("/");
  assertEquals([heard, await conn.receive()], [[1], 2]);
});

Deno.test("4.4 a greeting to a connection that went idle first is dropped and counted", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool<string>({
    baseUrl: server.url(""),
    websocket: { codec: "text" },
  });
  const gap = nextEvent(pool, "gap");
  assertEquals(await pool.warm("/greet"), 1);
  assertEquals((await gap).reason, "idle");
  await using conn = await pool.acquire("/greet");
  assertEquals(conn.reused, false);
  await conn.sendRaw("mine");
  assertEquals(await conn.receive(), "mine");
});

Deno.test("4.4 idleMessages retire: a message on an idle connection closes it", async () => {
  await using server = await RawServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    idleMessages: "retire",
  });
  await pool.use("/echo", () => {});
  const peer = await server.peer();
  const retired = nextEvent(pool, "retire");
  await peer.text("0");
  assertEquals((await retired).reason, "discarded");
  await peer.until(() => !peer.isOpen);
  await using conn = await pool.acquire("/echo");
  assertEquals(conn.id, 2);
});

Deno.test("4.4 send then release at once: the message goes out, the connection is reused", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({ baseUrl: server.url("") });
  for (let round = 0; round < 20; round++) {
    const conn = await pool.acquire("/ws");
    assertEquals(conn.id, 1);
    await conn.send("x".repeat(10_000));
    await conn.release();
  }
  await server.until(() => server.messages.length === 20);
  assertEquals(server.total, 1);
});

Deno.test("F66 binary messages come as ArrayBuffers, whatever the runtime's default, and are JSON under json", async () => {
  await using server = EchoServer.start();
  const bytes = new TextEncoder().encode('{"price":1}');
  for (const codec of ["raw", "json"] as const) {
    await using pool = new ConnectionPool({
      baseUrl: server.url(""),
      websocket: { codec },
    });
    await using conn = await pool.acquire("/ws");
    await conn.sendRaw(bytes);
    const expected = codec === "raw" ? bytes.buffer : { price: 1 };
    assertEquals(await conn.receive({ timeout: 20_000 }), expected);
  }
});

Deno.test("4.4 reset cleans up between two leases, and its messages reach no lease", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    reset: async (conn) => {
      await conn.send("unsubscribe");
      while (await conn.receive() !== "unsubscribe");
    },
  });
  {
    await using conn = await pool.acquire("/ws");
    await conn.send("subscribe");
  }
  await using conn = await pool.acquire("/ws");
  assertEquals(conn.reused, true);
  await conn.send("mine");
  assertEquals(await conn.receive(), "mine");
});
