/**
 * Runs an example as its user does, against the exchange of `examples/`.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { startMarketServer } from "../../../examples/market_server.ts";
import { run } from "../../npm/command.ts";
import { asCase, type CaseResult } from "../result.ts";

const SYMBOLS = ["btcusdt", "ethusdt", "solusdt"];

/** Every line must match; each symbol has so many of them. */
export function runExample(
  program: string,
  path: string,
  cwd: string,
  expected: { readonly line: RegExp; readonly linesOfSymbol: number },
): Promise<CaseResult> {
  return asCase(`examples/${path}`, async () => {
    await using exchange = startMarketServer({ intervalMs: 50 });
    const output = await run(program, [path, exchange.url], { cwd });
    const lines = output.trimEnd().split("\n");
    for (const line of lines) assertMatch(line, expected.line);
    for (const symbol of SYMBOLS) {
      const { length } = lines.filter((line) => line.startsWith(symbol));
      assertEquals(length, expected.linesOfSymbol, output);
    }
  });
}
