/**
 * Processes and workers that end, and what they may not have.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionLostError, ConnectionPool } from "@jetsocket/pool";
import { Program } from "../examples/program.ts";
import { nextEvent } from "../integration/pool_events.ts";
import { within } from "../integration/within.ts";
import { standardLibraryFlags } from "../offline/flags.ts";
import { RawServer } from "../support/raw_server.ts";

async function commandFor(program: string): Promise<string[]> {
  const flags = await standardLibraryFlags();
  const path = `tests/faults/programs/${program}.ts`;
  return ["run", "--quiet", "-A", ...flags, path];
}

Deno.test("F76 a process that exits with leases open: the server sees its sockets end, without a close frame", async () => {
  await using server = await RawServer.start();
  const command = [...await commandFor("leaving"), server.url("")];
  await using program = new Program(Deno.execPath(), command);
  const { code, stdout, stderr } = await program.end();
  assertEquals({ code, stdout, stderr }, {
    code: 0,
    stdout: "leaving\n",
    stderr: "",
  });
  await server.until(() => server.openTcp === 0);
  assertEquals(server.peers.map(({ closeCode }) => closeCode), [
    undefined,
    undefined,
  ]);
});

Deno.test("F77 a worker that is terminated: its sockets end, and a lease on a server in it is lost with 1006", async () => {
  await using server = await RawServer.start();
  const url = new URL("./programs/worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const { promise: ready, resolve } = Promise.withResolvers<string>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage(server.url(""));
  const address = await within(ready);
  await using pool = new ConnectionPool({ baseUrl: address });
  const conn = await pool.acquire("/");
  const lost = nextEvent(pool, "lost");
  assertEquals(server.open, 2);
  worker.terminate();
  assertEquals((await lost).closeCode, 1006);
  await assertRejects(() => conn.receive(), ConnectionLostError);
  await server.until(() => server.openTcp === 0);
});

Deno.test({
  name:
    "F84 the limit of descriptors is reached: failed attempts, no crash, and a connection again later",
  ignore: Deno.build.os === "windows",
  async fn() {
    const wanted = 200;
    await using server = await RawServer.start();
    const command = [
      Deno.execPath(),
      ...await commandFor("descriptors"),
      server.url(""),
      String(wanted),
    ].map((part) => `'${part}'`).join(" ");
    // The program itself takes about 30.
    const args = ["-c", `ulimit -n 100 && exec ${command}`];
    await using program = new Program("sh", args);
    const { code, stdout, stderr } = await program.end();
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const { leased, ...rest } = JSON.parse(stdout);
    assert(leased > 0 && leased < 100, `${leased} leased`);
    assertEquals(rest, {
      failures: ["dial"],
      again: true,
      connectingConnections: 0,
      waiting: 0,
    });
  },
});
