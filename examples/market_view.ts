/**
 * How `market_streams.ts` shows what arrives: one block redrawn in place on a
 * terminal, one line for each trade anywhere else.
 *
 * @module
 */

import { styleText } from "node:util";
import type { ConnectionPool } from "@jetsocket/pool";
import { StatusBlock } from "./status_block.ts";
import type { Command, Trade } from "./trade.ts";

export interface MarketView extends Disposable {
  /** `count` is the number of trades of this symbol so far. */
  show(symbol: string, trade: Trade, count: number): void;
}

interface ViewOptions {
  readonly symbols: readonly string[];
  /** Trades expected of each symbol. */
  readonly trades: number;
  readonly connections: number;
}

const REDRAW_INTERVAL = 100;
const BAR_WIDTH = 20;

const fixed = (value: number, digits: number) =>
  value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });

const widest = (texts: readonly string[]) =>
  Math.max(...texts.map((text) => text.length));

function plainView({ symbols, trades }: ViewOptions): MarketView {
  const nameWidth = widest(symbols);
  const countWidth = `${trades}`.length;
  return {
    show(symbol, { price, quantity, time }, count) {
      console.log(
        [
          new Date(time).toISOString().slice(11, 23),
          symbol.padEnd(nameWidth),
          fixed(price, 2).padStart(12),
          fixed(quantity, 4).padStart(10),
          `${`${count}`.padStart(countWidth)}/${trades}`,
        ].join("  "),
      );
    },
    [Symbol.dispose]() {},
  };
}

/** What the block shows of one symbol. */
interface Row {
  price: number | undefined;
  count: number;
  direction: string;
}

function directionOf(price: number, last = price): string {
  if (price === last) return " ";
  return price > last ? styleText("green", "▲") : styleText("red", "▼");
}

function terminalView(
  pool: ConnectionPool<Trade, Command>,
  { symbols, trades, connections }: ViewOptions,
): MarketView {
  const nameWidth = widest([...symbols, "pool"]);
  const countWidth = `${trades}`.length;
  const rows = new Map<string, Row>();
  for (const symbol of symbols) {
    rows.set(symbol, { price: undefined, count: 0, direction: " " });
  }
  const block = new StatusBlock();

  function rowLine([symbol, { price, count, direction }]: [string, Row]) {
    const done = Math.floor(BAR_WIDTH * count / trades);
    return [
      symbol.padEnd(nameWidth),
      (price === undefined ? "-" : fixed(price, 2)).padStart(12),
      direction,
      "█".repeat(done) + "░".repeat(BAR_WIDTH - done),
      `${`${count}`.padStart(countWidth)}/${trades}`,
    ].join("  ");
  }

  function draw(): void {
    const stats = pool.stats();
    const gauges = [
      `${stats.activeConnections} active`,
      `${stats.idleConnections} idle`,
      `${stats.connectingConnections} connecting`,
      `${stats.closingConnections} closing`,
      `${stats.waiting} waiting`,
    ];
    block.draw([
      ...Array.from(rows, rowLine),
      `${"pool".padEnd(nameWidth)}  ${gauges.join("  ")}  limit ${connections}`,
    ]);
  }

  draw();
  const timer = setInterval(draw, REDRAW_INTERVAL);
  return {
    show(symbol, { price }, count) {
      const last = rows.get(symbol)?.price;
      rows.set(symbol, { price, count, direction: directionOf(price, last) });
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      draw();
    },
  };
}

/** The view that suits standard output. */
export function createMarketView(
  pool: ConnectionPool<Trade, Command>,
  options: ViewOptions,
): MarketView {
  return Deno.stdout.isTerminal()
    ? terminalView(pool, options)
    : plainView(options);
}
