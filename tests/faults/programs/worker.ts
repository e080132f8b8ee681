/**
 * A worker with a server and a pool of its own, to be terminated. It is told
 * where to dial, and says where it listens once its pool has a lease.
 */
import { ConnectionPool } from "@jetsocket/pool";
import { EchoServer } from "../../support/echo_server.ts";

addEventListener("message", async ({ data }) => {
  const server = EchoServer.start();
  const pool = new ConnectionPool({ baseUrl: data });
  await pool.acquire("/leased");
  await pool.use("/idle", () => {});
  postMessage(server.url(""));
}, { once: true });
