/**
 * The pool's promise about sockets, counted by somebody else.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ConnectionPool } from "@jetsocket/pool";
import { EchoServer } from "../support/echo_server.ts";
import { blackhole, pass } from "../support/fault_flow.ts";
import { FaultProxy } from "../support/fault_proxy.ts";

Deno.test("4.8 seen from outside, dials that are given up one after the other never make more than maxConnections", async () => {
  const rounds = 25;
  const maxConnections = 2;
  await using server = EchoServer.start();
  await using proxy = await FaultProxy.start(server.port);
  await using pool = new ConnectionPool({
    baseUrl: proxy.url(""),
    maxConnections,
    maxConnecting: maxConnections,
  });
  proxy.set(blackhole);
  for (let round = 1; round <= rounds; round++) {
    // Each has an address of its own, and takes the place of a dial before it
    // for which nobody waits any more.
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const acquires = ["a", "b"].map((name) =>
      pool.acquire(`/${name}/${round}`, options).catch(() => {})
    );
    await proxy.until(() => proxy.total === round * maxConnections);
    abort.abort();
    await Promise.all(acquires);
  }
  proxy.set(pass);
  await using conn = await pool.acquire("/last");
  assert(conn.isConnected);
  assertEquals(proxy.maxEstablished, maxConnections);
  assert(server.maxOpen <= maxConnections, `${server.maxOpen} at the server`);
});
