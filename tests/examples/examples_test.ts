import { assert, assertEquals, assertMatch } from "@std/assert";
import { outputOf } from "./program.ts";

Deno.test("reuse: the second lease has the same connection", async () => {
  assertEquals(
    await outputOf("reuse"),
    [
      "first   connection 1  new",
      "second  connection 1  reused",
      "",
      "same connection:        yes",
      "sockets at the server:  1",
      "",
    ].join("\n"),
  );
});

Deno.test("exhaustion: the error is caught and printed", async () => {
  const stdout = await outputOf("exhaustion");
  const lines = stdout.split("\n");
  assertEquals(lines[0], "first lease: connection 1");
  assertMatch(lines[1] ?? "", /^Cannot acquire ws:.* within 250 ms: /);
  assertEquals(lines.slice(2), [
    "  name                     PoolExhaustedError",
    "  code                     POOL_EXHAUSTED",
    "  reason                   timeout",
    "  waitingFor               slot",
    "  maxConnections           1",
    "  timeout                  250 ms",
    "  stats.activeConnections  1",
    "  stats.idleConnections    0",
    "after the release: connection 1",
    "",
  ]);
});

Deno.test("json_rpc: every reply meets its request", async () => {
  const stdout = await outputOf("json_rpc");
  const answers = Array.from(
    stdout.matchAll(/^ {2}connection \d +id +(\d+) +(\S+) +(.+)$/gm),
    ([, id = "", call = "", outcome = ""]) => [id, call, outcome],
  );
  assertEquals(answers, [
    ["1", "eth_chainId()", '"0x1"'],
    ["2", "eth_blockNumber()", '"0x1406f40"'],
    ["3", 'echo("a","b")', '["a","b"]'],
    ["4", "sleep(20)", "20"],
    ["5", "eth_unknown()", "error -32601: Method not found"],
    ["6", "eth_blockNumber()", '"0x1406f40"'],
    ["9", 'echo("now")', '["now"]'],
    ["8", "sleep(150)", "150"],
    ["7", "sleep(300)", "300"],
  ]);
  const connections = stdout.match(/connection \d+/g) ?? [];
  assert(connections.every((name) => /[1-3]$/.test(name)), stdout);
  assertEquals(new Set(connections.slice(6)).size, 1, stdout);
});

Deno.test("logging: the pool writes to the logger", async () => {
  const stdout = await outputOf("logging");
  const time = String.raw`^\d\d:\d\d:\d\d\.\d{3}  `;
  assertMatch(stdout, new RegExp(`${time}INFO   main  a lease$`, "m"));
  assertMatch(stdout, new RegExp(`${time}[A-Z]{4,5} +pool  \\S`, "m"));
  assertMatch(stdout, new RegExp(`${time}ERROR  main  ConnectError: `, "m"));
  for (const line of stdout.trimEnd().split("\n")) {
    assertMatch(line, new RegExp(`${time}(DEBUG|INFO |WARN |ERROR)  `));
  }
});
