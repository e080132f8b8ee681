/**
 * What a handshake carries: subprotocols and headers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ConnectError, ConnectionPool } from "@jetsocket/pool";
import { capabilities } from "./support/capabilities.ts";
import { conformance } from "./support/conformance.ts";
import { failure } from "./support/waiting.ts";

conformance(
  "3.1 the server chooses one of the subprotocols",
  async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { protocols: ["trades.v2", "trades.v1"] },
    });
    await using conn = await pool.acquire("/echo");
    assert.equal(conn.protocol, "trades.v2");
    await using other = await pool.acquire("/echo", { protocols: "trades.v3" });
    assert.equal(other.protocol, "trades.v3");
    const { peers } = await server.until({ total: 2 });
    assert.deepEqual(peers.map(({ protocols }) => protocols), [
      ["trades.v2", "trades.v1"],
      ["trades.v3"],
    ]);
  },
);

const phase = capabilities.checksProtocol ? "dial" : "protocol";

for (
  const [fault, path] of Object.entries({
    "F11 a subprotocol that was not offered": "/unasked-protocol",
    "F12 none of those offered": "/no-protocol",
  })
) {
  conformance(`${fault} fails the dial`, async (server) => {
    await using pool = new ConnectionPool({
      baseUrl: server.baseUrl,
      websocket: { protocols: "trades.v1" },
    });
    const error = await failure(pool.acquire(path), ConnectError);
    assert.equal(error.phase, phase);
    await server.until({ total: 1, open: 0 });
    assert.equal(pool.stats().totalConnections, 0);
  });
}

conformance("3.1 headers are sent", async (server) => {
  let dials = 0;
  await using fixed = new ConnectionPool({
    baseUrl: server.baseUrl,
    websocket: { headers: { "X-Fixed": "yes" }, protocols: "v1" },
  });
  await using asked = new ConnectionPool({
    baseUrl: server.baseUrl,
    websocket: {
      headers: () => Promise.resolve(new Headers({ "X-Dial": `${++dials}` })),
    },
  });
  await fixed.use("/echo", (conn) => assert.equal(conn.protocol, "v1"));
  await asked.use("/echo/1", () => {});
  await asked.use("/echo/2", () => {});
  const { peers } = await server.until({ total: 3 });
  const sent = peers.map(({ headers }) =>
    headers["x-fixed"] ?? headers["x-dial"]
  );
  assert.deepEqual(sent, ["yes", "1", "2"]);
}, { needs: "headers" });

conformance("3.1 headers that cannot be sent are a TypeError", () => {
  const headers = { "X-Fixed": "yes" };
  assert.throws(
    () => new ConnectionPool({ websocket: { headers } }),
    TypeError,
  );
}, { lacks: "headers" });

conformance("4.11 userinfo becomes a header", async (server) => {
  await using pool = new ConnectionPool();
  const url = new URL(server.url("/echo"));
  url.username = "user";
  url.password = "secret";
  await using conn = await pool.acquire(url);
  assert.ok(!conn.url.includes("secret"), conn.url);
  const { peers } = await server.until({ total: 1 });
  assert.equal(peers[0]?.headers.authorization, `Basic ${btoa("user:secret")}`);
}, { needs: "headers" });

conformance(
  "4.11 userinfo that cannot be sent is a TypeError",
  async (server) => {
    await using pool = new ConnectionPool();
    const url = server.url("/echo").replace("//", "//user:secret@");
    const error = await failure(pool.acquire(url), TypeError);
    assert.ok(!error.message.includes("secret"), error.message);
  },
  { lacks: "headers" },
);
