/**
 * The command line of `market_streams.ts`.
 *
 * @module
 */

import { readCommandLine, UsageError, wholeNumber } from "./command_line.ts";

export interface MarketOptions {
  /** The exchange's base URL; without one an embedded exchange is started. */
  readonly url: string | undefined;
  readonly symbols: readonly string[];
  /** How many trades of each symbol to wait for. */
  readonly trades: number;
  /** The pool's `maxConnections`. */
  readonly connections: number;
}

const DEFAULTS = {
  symbols: "btcusdt,ethusdt,solusdt",
  trades: 20,
  connections: 10,
} as const;

export const HELP = `Trades of several symbols over one connection pool.

  deno run -A examples/market_streams.ts [URL] [options]

  URL              base address of an exchange, such as ws://127.0.0.1:8080
                   (default: an embedded one is started)
  --symbols A,B    what to follow (default: ${DEFAULTS.symbols})
  --trades N       end after N trades of each symbol (default: ${DEFAULTS.trades})
  --connections N  sockets at once, at most (default: ${DEFAULTS.connections})
  --help           this text

Ctrl-C closes the pool and ends the program.`;

function parseSymbols(text: string): string[] {
  const symbols = text.toLowerCase().split(",").map((symbol) => symbol.trim());
  const wrong = symbols.find((symbol) => !/^[a-z0-9]+$/.test(symbol));
  if (wrong !== undefined) {
    throw new UsageError(
      `--symbols takes letters and digits between commas, not "${text}"`,
    );
  }
  return [...new Set(symbols)];
}

function checkUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^(ws|http)s?:$/.test(url.protocol) || url.hash) {
    throw new UsageError(`not the address of an exchange: ${text}`);
  }
  return text;
}

/**
 * @returns what to run, or `undefined` if only the help was asked for.
 * @throws {UsageError} for anything that is not in {@linkcode HELP}.
 */
export function readMarketOptions(
  args: readonly string[],
): MarketOptions | undefined {
  const { help, options, words } = readCommandLine(args, [
    "symbols",
    "trades",
    "connections",
  ]);
  if (help) return undefined;
  const [url, surplus] = words;
  if (surplus !== undefined) {
    throw new UsageError(`unknown argument ${surplus}`);
  }
  return {
    url: url === undefined ? undefined : checkUrl(url),
    symbols: parseSymbols(options.symbols ?? DEFAULTS.symbols),
    trades: wholeNumber("trades", options.trades, { min: 1 }) ??
      DEFAULTS.trades,
    connections: wholeNumber("connections", options.connections, { min: 1 }) ??
      DEFAULTS.connections,
  };
}
