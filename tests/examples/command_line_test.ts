import { assertEquals, assertStringIncludes } from "@std/assert";
import { countsOf } from "./market_output.ts";
import { outputOf, run, start } from "./program.ts";

Deno.test("--help shows the options, exit code 0", async () => {
  const streams = await outputOf("market_streams", "--help");
  for (const option of ["URL", "--symbols", "--trades", "--connections"]) {
    assertStringIncludes(streams, option);
  }
  const server = await outputOf("market_server", "--help");
  for (const option of ["--port", "--interval", "--seed"]) {
    assertStringIncludes(server, option);
  }
});

Deno.test("a wrong command line is one line on stderr, exit code 2", async () => {
  const cases: [args: string[], message: string][] = [
    [["--speed", "1"], "unknown option --speed"],
    [["--trades", "0"], "--trades takes a whole number from 1 up, not 0"],
    [["--connections"], "--connections needs a value"],
    [["--trades", "--symbols", "a"], "--trades needs a value"],
    [["--help=1"], "--help takes no value"],
    [
      ["--symbols", "a,,b"],
      '--symbols takes letters and digits between commas, not "a,,b"',
    ],
    [["ftp://127.0.0.1"], "not the address of an exchange: ftp://127.0.0.1"],
    [["ws://127.0.0.1", "again"], "unknown argument again"],
  ];
  for (const [args, message] of cases) {
    assertEquals(await run("market_streams", ...args), {
      code: 2,
      stdout: "",
      stderr: `${message} (--help shows the options)\n`,
    });
  }
});

Deno.test({
  name: "market_server runs alone until Ctrl-C",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using exchange = await start("market_server", "--interval", "5");
    const greeting = await exchange.until(/\n/);
    const url = /^listening on (ws:\S+) /.exec(greeting)?.[1] ?? "";
    const stdout = await outputOf("market_streams", url, "--trades=2");
    assertEquals(countsOf(stdout, "ethusdt"), ["1/2", "2/2"], stdout);
    exchange.interrupt();
    const { code, stderr } = await exchange.end();
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
  },
});
