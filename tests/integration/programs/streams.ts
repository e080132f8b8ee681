/**
 * A program over a pool that does not end its process: when the pool is closed
 * nothing of it may hold the process up.
 *
 * Arguments: the address of an echo server, and how the program ends.
 */
import { ConnectionPool } from "@jetsocket/pool";

async function work(baseUrl: string, ending: string): Promise<void> {
  await using pool = new ConnectionPool({
    baseUrl,
    maxConnections: 2,
    // Longer than the test: whoever waits for one of these has hung.
    acquireTimeout: 3_600_000,
    healthCheckInterval: 3_600_000,
    leakThreshold: 3_600_000,
  });
  // Idle, leased, waiting and dialling when the block is left.
  await pool.use("/idle", () => {});
  const conn = await pool.acquire("/leased");
  await conn.send("hello");
  console.log(await conn.receive());
  const dialling = pool.acquire("/dialling");
  const waiting = pool.acquire("/waiting");
  for (const acquire of [dialling, waiting]) {
    acquire.catch((error) => console.log(error.code));
  }
  if (ending === "throw") throw new Error("inside the block");
}

const [baseUrl = "", ending = ""] = Deno.args;
await work(baseUrl, ending);
console.log("left the block");
