/**
 * Reads what `market_streams.ts` prints.
 *
 * @module
 */

/** The counts printed with the trades of one symbol, in order. */
export function countsOf(stdout: string, symbol: string): string[] {
  const line = new RegExp(
    String
      .raw`^\d\d:\d\d:\d\d\.\d{3}  ${symbol} +[\d,]+\.\d\d +\d\.\d{4} +(\S+)$`,
    "gm",
  );
  return Array.from(stdout.matchAll(line), ([, count = ""]) => count);
}

/** A figure of the final table. */
export function figure(stdout: string, name: string): number {
  return Number(new RegExp(`^${name} +(\\d+)\\b`, "m").exec(stdout)?.[1]);
}
