/**
 * Several market streams, consumed at the same time over one pool.
 *
 * Run it with `deno task demo`, or against an exchange of your own:
 * `deno task demo ws://127.0.0.1:8080 --symbols btcusdt,ethusdt --trades 100`
 *
 * @module
 */

import { ConnectionPool } from "@jetsocket/pool";
import { onInterrupt, runProgram } from "./command_line.ts";
import { HELP, readMarketOptions } from "./market_options.ts";
import { startMarketServer } from "./market_server.ts";
import { createMarketView, type MarketView } from "./market_view.ts";
import { statsTable } from "./stats_table.ts";
import { type Command, type Trade, tradeSchema } from "./trade.ts";

async function processStream(
  pool: ConnectionPool<Trade, Command>,
  symbol: string,
  trades: number,
  view: MarketView,
): Promise<void> {
  await using conn = await pool.acquire(`/ws/${symbol}`);
  await conn.send({ subscribe: "trades" });
  let count = 0;
  for await (const trade of conn) {
    view.show(symbol, trade, ++count);
    if (count === trades) return;
  }
  // A clean close ends the loop without an error.
  throw new Error(`${symbol} ended after ${count} of ${trades} trades`);
}

/** @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = readMarketOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const { url, symbols, trades, connections } = options;

  await using server = url === undefined ? startMarketServer() : undefined;
  await using pool = new ConnectionPool<Trade, Command>({
    baseUrl: url ?? server?.url,
    maxConnections: connections,
    // With fewer connections than symbols the others wait their turn.
    acquireTimeout: Infinity,
    // The next lease of a connection starts without a subscription.
    reset: (conn) => conn.send({ unsubscribe: "trades" }),
    websocket: { schema: tradeSchema },
  });

  let interrupted = false;
  using _interrupt = onInterrupt(() => {
    interrupted = true;
    pool.close();
  });

  const start = performance.now();
  try {
    using view = createMarketView(pool, options);
    await Promise.all(
      symbols.map((symbol) => processStream(pool, symbol, trades, view)),
    );
  } catch (error) {
    // The closing pool ended the streams, as it should.
    if (!interrupted) throw error;
  }
  await pool.close();

  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  const end = interrupted ? "interrupted" : "done";
  console.log(`\n${end} after ${seconds} s, pool closed\n`);
  console.log(statsTable(pool.stats()));
  return 0;
}

if (import.meta.main) await runProgram(main);
