import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionPool, JetSocketError } from "@jetsocket/pool";
import { EchoServer } from "../support/echo_server.ts";
import { RawServer } from "../support/raw_server.ts";

const basic = (pair: string) => `Basic ${btoa(pair)}`;

function headerOf(server: EchoServer, name: string): string | null | undefined {
  return server.requests.at(-1)?.headers.get(name);
}

Deno.test("3.1 headers arrive at the server, on every dial", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: {
      headers: { Authorization: "Bearer token-1", "X-Client": "pool" },
      protocols: ["a", "b"],
    },
  });
  for (const path of ["/one", "/two"]) {
    await using conn = await pool.acquire(path);
    assertEquals(conn.protocol, "a");
    assertEquals(headerOf(server, "authorization"), "Bearer token-1");
    assertEquals(headerOf(server, "x-client"), "pool");
  }
});

Deno.test("3.1 with baseUrl the headers go to its origin only", async () => {
  await using server = EchoServer.start();
  await using other = EchoServer.start();
  await using pool = new ConnectionPool({
    baseUrl: server.url("/v1"),
    websocket: { headers: { "X-Secret": "s" } },
  });
  await pool.use("/path", () => {});
  assertEquals(headerOf(server, "x-secret"), "s");
  await pool.use(server.url("/whole"), () => {});
  assertEquals([server.total, headerOf(server, "x-secret")], [2, "s"]);
  await pool.use(other.url("/v1/path"), () => {});
  assertEquals([other.total, headerOf(other, "x-secret")], [1, null]);
});

Deno.test("3.1 without baseUrl the headers go wherever the pool dials", async () => {
  await using server = EchoServer.start();
  await using other = EchoServer.start();
  await using pool = new ConnectionPool({
    websocket: { headers: { "X-Secret": "s" } },
  });
  for (const each of [server, other]) {
    await pool.use(each.url("/ws"), () => {});
    assertEquals(headerOf(each, "x-secret"), "s");
  }
});

Deno.test("4.11 userinfo arrives as Authorization: Basic and belongs to the key", async () => {
  await using server = EchoServer.start();
  await using pool = new ConnectionPool();
  const url = new URL(server.url("/ws"));
  url.username = "ann";
  url.password = "p@ss:word";
  const ids: number[] = [];
  for (const address of [url.href, url, server.url("/ws"), url.href]) {
    await using conn = await pool.acquire(address);
    assertEquals(conn.url, server.url("/ws"));
    ids.push(conn.id);
  }
  assertEquals(ids, [1, 1, 2, 1]);
  assertEquals(
    server.requests.map(({ headers, path }) => [
      path,
      headers.get("authorization"),
    ]),
    [["/ws", basic("ann:p@ss:word")], ["/ws", null]],
  );
});

Deno.test("4.11 userinfo of baseUrl goes to its paths and nowhere else", async () => {
  await using server = EchoServer.start();
  await using other = EchoServer.start();
  const baseUrl = new URL(server.url("/v1"));
  baseUrl.username = "ann";
  baseUrl.password = "secret";
  await using pool = new ConnectionPool({ baseUrl });
  await pool.use("/ws", () => {});
  assertEquals(headerOf(server, "authorization"), basic("ann:secret"));
  await pool.use(other.url("/ws"), () => {});
  assertEquals(headerOf(other, "authorization"), null);
});

Deno.test("F10 a redirect gets no credentials: it is not followed", async () => {
  await using elsewhere = await RawServer.start();
  await using server = await RawServer.start({
    handler: (peer) => peer.reject(302, { Location: elsewhere.url("/echo") }),
  });
  await using pool = new ConnectionPool({
    baseUrl: server.url(""),
    websocket: { headers: { Authorization: "Bearer token-1" } },
  });
  await assertRejects(() => pool.acquire("/ws"), JetSocketError);
  assertEquals([server.total, elsewhere.total], [1, 0]);
});

Deno.test("4.10 F85 no credential is shown, whatever happens to the connection", async () => {
  await using server = await RawServer.start();
  const secrets = ["s3cret-pass", "s3cret-query", "s3cret-head", "s3cret-id"];
  const [password, query, head, identity] = secrets;
  const shown: string[] = [];
  const keep = (value: unknown) => {
    shown.push(Deno.inspect(value, { depth: 10, showHidden: true }));
    shown.push(JSON.stringify(value) ?? "", String(value));
  };
  const logger = { debug: keep, info: keep, warn: keep, error: keep };
  await using pool = new ConnectionPool({
    baseUrl: server.url("").replace("ws://", `ws://ann:${password}@`),
    websocket: { headers: { "X-Secret": head ?? "" }, identity },
    logger,
  });
  for (const type of ["connect", "connectfailed", "lost", "retire"] as const) {
    pool.addEventListener(type, (event) => keep(event));
  }
  const conn = await pool.acquire(`/echo?token=${query}`);
  keep(conn);
  keep(pool);
  keep(pool.stats());
  const peer = await server.peer();
  const lost = conn.receive().catch(keep);
  peer.reset();
  await lost;
  await conn.send("x").catch(keep);
  await conn.release();
  await conn.send("x").catch(keep);
  await pool.acquire(`/status/401?token=${query}`).catch(keep);
  assert(shown.length >= 21, `${shown.length} texts`);
  for (const secret of secrets) {
    const leaks = shown.filter((text) => text.includes(secret));
    assertEquals(leaks, []);
  }
});
