/**
 * A released connection is idle, not closed: the next lease of the same
 * address gets it back, without a new handshake.
 *
 * `deno run -A examples/reuse.ts`
 *
 * @module
 */

import { ConnectionPool } from "@jetsocket/pool";
import { startMarketServer } from "./market_server.ts";

async function main(): Promise<void> {
  await using server = startMarketServer();
  await using pool = new ConnectionPool({ baseUrl: server.url });

  async function lease(name: string): Promise<number> {
    await using conn = await pool.acquire("/ws/btcusdt");
    await conn.send({ ping: 1 });
    await conn.receive();
    const origin = conn.reused ? "reused" : "new";
    console.log(`${name.padEnd(6)}  connection ${conn.id}  ${origin}`);
    return conn.id;
  }

  const first = await lease("first");
  const second = await lease("second");

  console.log();
  console.log(`same connection:        ${first === second ? "yes" : "no"}`);
  console.log(`sockets at the server:  ${server.accepted}`);
}

if (import.meta.main) await main();
