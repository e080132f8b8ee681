/**
 * A pool of one connection and two leases: the second one waits, gives up
 * with an error that says why, and succeeds once the first has ended.
 *
 * `deno run -A examples/exhaustion.ts`
 *
 * @module
 */

import { ConnectionPool, PoolExhaustedError } from "@jetsocket/pool";
import { startMarketServer } from "./market_server.ts";

function print(error: PoolExhaustedError): void {
  const fields = {
    name: error.name,
    code: error.code,
    reason: error.reason,
    waitingFor: error.waitingFor,
    maxConnections: error.maxConnections,
    timeout: `${error.timeout} ms`,
    "stats.activeConnections": error.stats.activeConnections,
    "stats.idleConnections": error.stats.idleConnections,
  };
  console.log(error.message);
  for (const [field, value] of Object.entries(fields)) {
    console.log(`  ${field.padEnd(25)}${value}`);
  }
}

async function main(): Promise<void> {
  await using server = startMarketServer();
  await using pool = new ConnectionPool({
    baseUrl: server.url,
    maxConnections: 1,
  });

  {
    await using first = await pool.acquire("/ws/btcusdt");
    console.log(`first lease: connection ${first.id}`);
    try {
      await using _second = await pool.acquire("/ws/btcusdt", { timeout: 250 });
    } catch (error) {
      if (!(error instanceof PoolExhaustedError)) throw error;
      print(error);
    }
  }

  await using again = await pool.acquire("/ws/btcusdt", { timeout: 250 });
  console.log(`after the release: connection ${again.id}`);
}

if (import.meta.main) await main();
