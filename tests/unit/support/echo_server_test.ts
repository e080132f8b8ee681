import { assertEquals } from "@std/assert";
import { EchoServer } from "../../support/echo_server.ts";
import { RealClient } from "../../support/real_client.ts";

Deno.test("EchoServer echoes and records", async () => {
  await using server = EchoServer.start();
  const client = new RealClient(server.url("/echo/a?b=1"), ["p", "q"]);
  await client.opened;
  assertEquals(client.socket.protocol, "p");
  client.socket.send("text");
  client.socket.send(new Uint8Array([1, 2, 3]));
  await server.until(() => server.messages.length === 2);
  client.socket.close(4001);
  await client.ended;
  assertEquals(client.events, [
    "open",
    "message text",
    "message 3 bytes",
    "close 4001 true",
  ]);
  assertEquals(server.messages, [
    { path: "/echo/a?b=1", data: "text" },
    { path: "/echo/a?b=1", data: new Uint8Array([1, 2, 3]).buffer },
  ]);
  assertEquals(server.requests[0]?.headers.get("upgrade"), "websocket");
});

Deno.test("EchoServer greets and refuses by path", async () => {
  await using server = EchoServer.start();
  const greeted = new RealClient(server.url("/greet"));
  const message = Promise.withResolvers<void>();
  greeted.socket.addEventListener("message", () => message.resolve());
  await message.promise;
  greeted.socket.close();
  await greeted.ended;
  assertEquals(greeted.events[1], "message hello");

  const refused = new RealClient(server.url("/status/401"));
  await refused.ended;
  assertEquals(refused.events, ["error", "close 0 false"]);
  assertEquals(server.requests.length, 2);
  assertEquals(server.total, 1);

  const plain = await fetch(server.url("/echo").replace("ws:", "http:"));
  assertEquals([plain.status, await plain.text()], [426, ""]);
});

Deno.test("EchoServer counts, broadcasts and closes all", async () => {
  await using server = EchoServer.start();
  const clients = [1, 2, 3].map(() => new RealClient(server.url("/echo")));
  await Promise.all(clients.map((client) => client.opened));
  assertEquals([server.open, server.maxOpen, server.total], [3, 3, 3]);
  clients[0]?.socket.close();
  await server.until(() => server.open === 2);
  server.broadcast("all");
  await server.closeAll(1012, "restart");
  await Promise.all(clients.map((client) => client.ended));
  assertEquals(clients.map((client) => client.events.slice(1)), [
    ["close 1005 true"],
    ["message all", "close 1012 true"],
    ["message all", "close 1012 true"],
  ]);
  assertEquals([server.open, server.maxOpen, server.total], [0, 3, 3]);
});

Deno.test("EchoServer closes a socket that has not opened yet", async () => {
  await using server = EchoServer.start();
  const client = new RealClient(server.url("/echo"));
  await server.until(() => server.total === 1);
  await server.closeAll(4000);
  await client.ended;
  assertEquals(client.events, ["open", "close 4000 true"]);
});

Deno.test("EchoServer outlives a handshake that was given up", async () => {
  await using server = EchoServer.start();
  const client = new RealClient(server.url("/echo"));
  await server.until(() => server.total === 1);
  client.socket.close();
  await client.ended;
  await server.until(() => server.open === 0);
});

Deno.test("EchoServer stops with clients open, and comes back", async () => {
  const first = EchoServer.start();
  const left = new RealClient(first.url("/echo"));
  await left.opened;
  await first.stop();
  await left.ended;
  assertEquals(left.events, ["open", "close 1001 true"]);

  await using second = EchoServer.start({ port: first.port });
  const client = new RealClient(second.url("/echo"));
  await client.opened;
  client.socket.close();
  await client.ended;
  assertEquals(first.total, 1);
  assertEquals(second.total, 1);
});
