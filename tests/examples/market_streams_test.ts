import { assert, assertEquals, assertMatch } from "@std/assert";
import { startMarketServer } from "../../examples/market_server.ts";
import { countsOf, figure } from "./market_output.ts";
import { commandLine, outputOf, Program, run, start } from "./program.ts";

Deno.test("market_streams follows three symbols and ends", async () => {
  const stdout = await outputOf("market_streams", "--trades", "3");
  for (const symbol of ["btcusdt", "ethusdt", "solusdt"]) {
    assertEquals(countsOf(stdout, symbol), ["1/3", "2/3", "3/3"], stdout);
  }
  assertMatch(stdout, /^done after \d+\.\d s, pool closed$/m);
  assertEquals(figure(stdout, "connections opened"), 3, stdout);
  assertEquals(figure(stdout, "connections retired"), 3, stdout);
  assertEquals(figure(stdout, "sockets left"), 0, stdout);
  assertEquals(figure(stdout, "leases"), 3, stdout);
  assertEquals(figure(stdout, "dials failed"), 0, stdout);
  assertEquals(figure(stdout, "acquires exhausted"), 0, stdout);
  assertEquals(figure(stdout, "messages sent"), 6, stdout);
  assert(figure(stdout, "messages received") >= 9, stdout);
});

Deno.test("market_streams runs against a given server", async () => {
  await using server = startMarketServer({ intervalMs: 5 });
  const stdout = await outputOf(
    "market_streams",
    server.url,
    "--symbols=abc,DEF,abc",
    "--trades=12",
  );
  const counts = Array.from({ length: 12 }, (_, index) => `${index + 1}/12`);
  assertEquals(countsOf(stdout, "abc"), counts, stdout);
  assertEquals(countsOf(stdout, "def"), counts, stdout);
  assertEquals(server.accepted, 2);
});

Deno.test("market_streams with one connection takes turns", async () => {
  await using server = startMarketServer({ intervalMs: 5 });
  const stdout = await outputOf(
    "market_streams",
    server.url,
    "--trades",
    "4",
    "--connections",
    "1",
  );
  for (const symbol of ["btcusdt", "ethusdt", "solusdt"]) {
    assertEquals(countsOf(stdout, symbol).length, 4, stdout);
  }
  assertEquals([server.accepted, server.peak], [3, 1]);
  assertMatch(stdout, /^leases +3 +waited p50 \d+\.\d ms/m);
});

Deno.test({
  name: "Ctrl-C closes the pool of market_streams, exit code 0",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using server = startMarketServer({ intervalMs: 5 });
    await using program = await start(
      "market_streams",
      server.url,
      "--trades",
      "1000000",
      // One symbol streams, the others wait for its connection.
      "--connections",
      "1",
    );
    await program.until(/ 3\/1000000$/m);
    program.interrupt();
    const { code, stdout, stderr } = await program.end();
    assertEquals({ code, stderr }, { code: 0, stderr: "" }, stdout);
    assertMatch(stdout, /^interrupted after \d+\.\d s, pool closed$/m);
    assertEquals(figure(stdout, "sockets left"), 0, stdout);
  },
});

Deno.test({
  name: "Ctrl-C with the embedded exchange, exit code 0",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using program = await start("market_streams", "--trades", "1000000");
    await program.until(/ 2\/1000000$/m);
    program.interrupt();
    const { code, stdout, stderr } = await program.end();
    assertEquals({ code, stderr }, { code: 0, stderr: "" }, stdout);
    assertMatch(stdout, /^interrupted after /m);
  },
});

Deno.test("market_streams shows the library's error for a 404", async () => {
  await using server = startMarketServer();
  const { code, stdout, stderr } = await run(
    "market_streams",
    `${server.url}/nowhere`,
  );
  assertEquals({ code, stdout }, { code: 1, stdout: "" }, stderr);
  assertMatch(stderr, /^ConnectError: .*\/nowhere\/ws\/[a-z]+usdt.*\n$/);
});

Deno.test("market_streams says when a stream ends early", async () => {
  await using server = startMarketServer({ intervalMs: 5 });
  await using program = await start(
    "market_streams",
    server.url,
    "--symbols=abc",
    "--trades=1000000",
  );
  await program.until(/ 1\/1000000$/m);
  await server.close();
  const { code, stderr } = await program.end();
  assertEquals(code, 1);
  assertMatch(stderr, /^Error: abc ended after \d+ of 1000000 trades\n$/);
});

async function hasProgram(name: string): Promise<boolean> {
  try {
    const { code } = await new Deno.Command(name, {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).output();
    return code === 0;
  } catch {
    return false;
  }
}

Deno.test({
  name: "on a terminal market_streams redraws one block",
  // `script` of util-linux lends a pseudo-terminal.
  ignore: Deno.build.os !== "linux" || !await hasProgram("script"),
  async fn() {
    const words = [
      Deno.execPath(),
      ...await commandLine("market_streams", ["--trades", "3"]),
    ].map((word) => `'${word}'`);
    await using program = new Program("script", [
      "--quiet",
      "--return",
      "--command",
      words.join(" "),
      "/dev/null",
    ]);
    const { code, stdout } = await program.end();
    assertEquals(code, 0, stdout);
    assertEquals(countsOf(stdout.replaceAll("\r", ""), "btcusdt"), []);
    const frames = stdout.split("\x1b[4A\x1b[J");
    assert(frames.length > 2, stdout);
    assertMatch(frames[0] ?? "", /btcusdt +- .* 0\/3\r\n/);
    for (const symbol of ["btcusdt", "ethusdt", "solusdt"]) {
      assertMatch(
        frames.at(-1) ?? "",
        new RegExp(String.raw`^${symbol} +[\d,]+\.\d\d .*█ +3/3\r$`, "m"),
      );
    }
    assertMatch(frames.at(-1) ?? "", /^pool +0 active +3 idle /m);
    assertMatch(frames.at(-1) ?? "", /^done after /m);
  },
});
