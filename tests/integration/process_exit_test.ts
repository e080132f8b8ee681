import { assertEquals, assertStringIncludes } from "@std/assert";
import { Program } from "../examples/program.ts";
import { standardLibraryFlags } from "../offline/flags.ts";
import { EchoServer } from "../support/echo_server.ts";
import { RawServer } from "../support/raw_server.ts";

/** Starts a program of `programs/`; it is killed if it does not end by itself. */
async function start(name: string, ...args: string[]): Promise<Program> {
  const flags = await standardLibraryFlags();
  const path = `tests/integration/programs/${name}.ts`;
  return new Program(Deno.execPath(), [
    "run",
    "--quiet",
    "-A",
    ...flags,
    path,
    ...args,
  ]);
}

Deno.test("4.8 a script exits by itself after `await using pool`", async () => {
  await using server = EchoServer.start();
  await using program = await start("streams", server.url(""), "return");
  const { code, stdout, stderr } = await program.end();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals(stdout.trimEnd().split("\n"), [
    "hello",
    "POOL_CLOSED",
    "POOL_CLOSED",
    "left the block",
  ]);
  await server.until(() => server.open === 0);
});

Deno.test("4.8 a script exits by itself after an exception inside `await using pool`", async () => {
  await using server = EchoServer.start();
  await using program = await start("streams", server.url(""), "throw");
  const { code, stdout, stderr } = await program.end();
  assertEquals(code, 1);
  assertEquals(stdout.trimEnd().split("\n"), [
    "hello",
    "POOL_CLOSED",
    "POOL_CLOSED",
  ]);
  assertStringIncludes(stderr, "Error: inside the block");
  await server.until(() => server.open === 0);
});

Deno.test("F29 a script whose server never answers a close exits once the server is gone", async () => {
  await using server = await RawServer.start();
  await using program = await start("unanswered_close", server.url(""));
  await program.until(/abandoned 1\n/);
  await server.stop();
  const { code, stderr } = await program.end();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
});
