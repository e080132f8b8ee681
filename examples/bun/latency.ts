/**
 * How far away is the exchange? Bun's sockets send ping frames by themselves,
 * so that a heartbeat needs no message of the application:
 *
 *     bunx jsr add @jetsocket/pool
 *     bun latency.ts ws://127.0.0.1:8080
 *
 * `deno run -A examples/market_server.ts --port 8080` is an exchange for it.
 *
 * @module
 */

import process from "node:process";
import { ConnectionPool } from "@jetsocket/pool";

interface Trade {
  readonly price: number;
}

const [baseUrl = "ws://127.0.0.1:8080"] = process.argv.slice(2);

await using pool = new ConnectionPool<Trade>({
  baseUrl,
  websocket: { heartbeat: { interval: 1_000 }, reconnect: true },
});

async function measure(symbol: string): Promise<void> {
  const subscription = { subscribe: "trades" };
  await using conn = await pool.acquire(`/ws/${symbol}`, {
    onReconnect: (conn) => conn.send(subscription),
  });
  await conn.send(subscription);
  for await (const { price } of conn) {
    if (conn.latency === undefined) continue;
    console.log(`${symbol} at ${price}, ${conn.latency.toFixed(1)} ms away`);
    return;
  }
}

await Promise.all(["btcusdt", "ethusdt", "solusdt"].map(measure));
