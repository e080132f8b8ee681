/**
 * A program that leaves its pool with everything in it: idle, leased, waiting
 * and dialling connections, and options longer than anybody waits.
 *
 * Argument: the address of the server, for `baseUrl`.
 */

import process from "node:process";
import { ConnectionPool } from "@jetsocket/pool";

const HOUR = 3_600_000;

async function work(baseUrl: string): Promise<void> {
  await using pool = new ConnectionPool({
    baseUrl,
    maxConnections: 3,
    acquireTimeout: HOUR,
    healthCheckInterval: HOUR,
    leakThreshold: HOUR,
    websocket: { heartbeat: { interval: HOUR, maxSilence: HOUR } },
  });
  await pool.use("/echo/idle", () => {});
  const conn = await pool.acquire("/echo/leased");
  await conn.send("hello");
  console.log(await conn.receive());
  for (const path of ["/hang", "/echo/waiting"]) {
    pool.acquire(path).catch((error) => console.log(error.code));
  }
}

await work(process.argv[2] ?? "");
console.log("left the block");
