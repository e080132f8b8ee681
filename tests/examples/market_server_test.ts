import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import {
  type MarketServer,
  startMarketServer,
} from "../../examples/market_server.ts";
import { RawClient, receiveUntilPong, take } from "./raw_client.ts";

/** The answer's status; the server must not upgrade. */
async function statusOf(
  server: MarketServer,
  path: string,
): Promise<number> {
  const url = server.url.replace("ws:", "http:") + path;
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

function field(message: unknown, name: string): unknown {
  assert(typeof message === "object" && message !== null);
  return Reflect.get(message, name);
}

const idOf = (message: unknown) => Number(field(message, "id"));

Deno.test("a subscription brings trades of the path's symbol", async () => {
  await using server = startMarketServer({ intervalMs: 2 });
  await using client = await RawClient.open(`${server.url}/ws/abc1`);
  const before = Date.now();
  client.send({ subscribe: "trades" });
  const trades = await take(client, 5);
  for (const [index, trade] of trades.entries()) {
    assert(typeof trade === "object" && trade !== null);
    assertEquals(Object.keys(trade), [
      "symbol",
      "price",
      "quantity",
      "time",
      "id",
    ]);
    const { symbol, price, quantity, time, id } = Object.fromEntries(
      Object.entries(trade),
    );
    assertEquals([symbol, id], ["abc1", index + 1]);
    assert(price > 0 && quantity > 0, `${price} ${quantity}`);
    assert(time >= before && time <= Date.now(), `${time}`);
  }
});

Deno.test("nothing comes before a subscription or after its end", async () => {
  await using server = startMarketServer({ intervalMs: 1 });
  await using silent = await RawClient.open(`${server.url}/ws/btcusdt`);
  await using client = await RawClient.open(`${server.url}/ws/btcusdt`);
  client.send({ subscribe: "trades" });
  await take(client, 3);
  client.send({ unsubscribe: "trades" });
  await receiveUntilPong(client, 1);
  // The market stands still for lack of listeners, or it would have traded
  // while another symbol did.
  await using other = await RawClient.open(`${server.url}/ws/ethusdt`);
  other.send({ subscribe: "trades" });
  await take(other, 10);
  assertEquals(await receiveUntilPong(client, 2), []);
  assertEquals(await receiveUntilPong(silent, 3), []);
});

Deno.test("two subscribers of a symbol see the same trades", async () => {
  await using server = startMarketServer({ intervalMs: 2 });
  await using one = await RawClient.open(`${server.url}/ws/btcusdt`);
  await using two = await RawClient.open(`${server.url}/ws/btcusdt`);
  one.send({ subscribe: "trades" });
  // Twice is the same as once.
  two.send({ subscribe: "trades" });
  two.send({ subscribe: "trades" });
  const [trade] = await take(two, 1);
  let other = await one.receive();
  while (idOf(other) < idOf(trade)) other = await one.receive();
  assertEquals(other, trade);
});

Deno.test("the same seed gives the same prices", async () => {
  async function prices(seed: number, symbol: string) {
    await using server = startMarketServer({ intervalMs: 1, seed });
    await using client = await RawClient.open(`${server.url}/ws/${symbol}`);
    client.send({ subscribe: "trades" });
    return (await take(client, 10)).map((trade) => field(trade, "price"));
  }
  const expected = await prices(7, "btcusdt");
  assertEquals(await prices(7, "btcusdt"), expected);
  assertNotEquals(await prices(8, "btcusdt"), expected);
  assert(new Set(expected).size > 1, "the price never moved");
});

Deno.test("a ping is answered with its number", async () => {
  await using server = startMarketServer();
  await using client = await RawClient.open(`${server.url}/ws/btcusdt`);
  assertEquals(await client.ask({ ping: 41 }), { pong: 41 });
});

Deno.test("a wrong message is answered with what is wrong", async () => {
  await using server = startMarketServer();
  await using client = await RawClient.open(`${server.url}/ws/btcusdt`);
  const expected = "expected one of subscribe, unsubscribe, ping";
  const cases: [unknown, string][] = [
    [{ subscribe: "depth" }, "the only channel is trades"],
    [{ unsubscribe: 1 }, "the only channel is trades"],
    [{ ping: "1" }, "ping takes a number"],
    [{ ping: 1, subscribe: "trades" }, expected],
    [{ order: 1 }, expected],
    [["ping", 1], expected],
    [{}, expected],
    [null, expected],
    ["ping", expected],
  ];
  for (const [message, error] of cases) {
    assertEquals(await client.ask(message), { error });
  }
  client.sendRaw("{ping");
  assertEquals(await client.receive(), { error: "the message is not JSON" });
  client.sendRaw(new ArrayBuffer(4));
  assertEquals(await client.receive(), {
    error: "binary frames are not understood",
  });
  assertEquals(await client.ask({ ping: 1 }), { pong: 1 });
});

Deno.test("unknown paths are 404, plain requests 426", async () => {
  await using server = startMarketServer();
  for (const path of ["/", "/ws", "/ws/", "/ws/BTC", "/ws/a/b", "/rpc/x"]) {
    assertEquals(await statusOf(server, path), 404, path);
  }
  for (const path of ["/rpc", "/ws/btcusdt"]) {
    assertEquals(await statusOf(server, path), 426, path);
  }
  const refused = await RawClient.open(`${server.url}/nowhere`).catch(
    (error: Error) => error.message,
  );
  assertEquals(refused, "handshake failed");
  assertEquals(server.accepted, 0);
});

Deno.test("JSON-RPC: results, errors, and answers out of order", async () => {
  await using server = startMarketServer();
  await using client = await RawClient.open(`${server.url}/rpc`);
  const request = (id: unknown, method: unknown, params?: unknown) => ({
    jsonrpc: "2.0",
    id,
    method,
    params,
  });
  const failure = (id: unknown, code: number, message: string) => ({
    jsonrpc: "2.0",
    id,
    error: { code, message },
  });

  assertEquals(await client.ask(request(1, "echo", ["a", { b: 2 }])), {
    jsonrpc: "2.0",
    id: 1,
    result: ["a", { b: 2 }],
  });
  const block = await client.ask(request("b", "eth_blockNumber"));
  assertMatch(String(field(block, "result")), /^0x[0-9a-f]+$/);

  assertEquals(
    await client.ask(request(2, "eth_unknown")),
    failure(2, -32601, "Method not found"),
  );
  for (const duration of [-1, 10_001, "1", null, undefined]) {
    assertEquals(
      await client.ask(request(3, "sleep", [duration])),
      failure(3, -32602, "Invalid params"),
    );
  }
  for (
    const [message, id] of [
      [request(4, 4), 4],
      [{ id: 5, method: "echo" }, 5],
      [request(null, "echo"), null],
      [[request(6, "echo")], null],
      [7, null],
    ]
  ) {
    assertEquals(
      await client.ask(message),
      failure(id, -32600, "Invalid Request"),
    );
  }
  client.sendRaw("{");
  assertEquals(await client.receive(), failure(null, -32700, "Parse error"));

  client.send(request(undefined, "echo", ["a notification gets no answer"]));
  client.send(request("slow", "sleep", [50]));
  client.send(request("fast", "echo"));
  const ids = (await take(client, 2)).map((reply) => field(reply, "id"));
  assertEquals(ids, ["fast", "slow"]);
});

Deno.test("sockets are counted: open, most at once, ever", async () => {
  await using server = startMarketServer();
  const counts = () => [server.connections, server.peak, server.accepted];
  assertEquals(counts(), [0, 0, 0]);
  const one = await RawClient.open(`${server.url}/ws/a`);
  const two = await RawClient.open(`${server.url}/rpc`);
  await Promise.all([one.ask({ ping: 1 }), two.ask({})]);
  assertEquals(counts(), [2, 2, 2]);
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  await using three = await RawClient.open(`${server.url}/ws/a`);
  await three.ask({ ping: 1 });
  assertEquals(counts(), [1, 2, 3]);
});

Deno.test("close ends every socket with 1001 and leaves no timer", async () => {
  // A timer left behind is found by the test sanitizer.
  const server = startMarketServer({ intervalMs: 1 });
  const trades = await RawClient.open(`${server.url}/ws/btcusdt`);
  trades.send({ subscribe: "trades" });
  const rpc = await RawClient.open(`${server.url}/rpc`);
  rpc.send({ jsonrpc: "2.0", id: 1, method: "sleep", params: [10_000] });
  await rpc.ask({});
  await take(trades, 1);

  const closing = server.close();
  assertEquals(server.close(), closing);
  await closing;
  for (const { closed } of [trades, rpc]) {
    const { code, wasClean } = await closed;
    assertEquals([code, wasClean], [1001, true]);
  }
  assertEquals(server.connections, 0);
});
