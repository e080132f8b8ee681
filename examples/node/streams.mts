/**
 * Market streams on Node, from version 24, which runs TypeScript as it is:
 *
 *     npx jsr add @jetsocket/pool
 *     node streams.mts ws://127.0.0.1:8080
 *
 * `deno run -A examples/market_server.ts --port 8080` is an exchange for it.
 *
 * @module
 */

import process from "node:process";
import { ConnectionPool } from "@jetsocket/pool";

interface Trade {
  readonly symbol: string;
  readonly price: number;
}

interface Pong {
  readonly pong: number;
}

const [baseUrl = "ws://127.0.0.1:8080"] = process.argv.slice(2);

await using pool = new ConnectionPool<Trade | Pong>({
  baseUrl,
  websocket: {
    // Node's sockets can send headers, and no ping frames: hence the message.
    headers: { "User-Agent": "streams-example" },
    heartbeat: {
      interval: 20_000,
      raw: false,
      ping: { ping: 1 },
      isPong: (message) => "pong" in message,
    },
    reconnect: true,
  },
});

async function follow(symbol: string, trades: number): Promise<void> {
  const subscription = { subscribe: "trades" };
  await using conn = await pool.acquire(`/ws/${symbol}`, {
    onReconnect: (conn) => conn.send(subscription),
  });
  await conn.send(subscription);
  for await (const message of conn) {
    if (!("price" in message)) continue;
    console.log(symbol, message.price);
    if (--trades === 0) return;
  }
}

await Promise.all(["btcusdt", "ethusdt", "solusdt"].map((s) => follow(s, 3)));
// Nothing holds the process once the pool is closed.
