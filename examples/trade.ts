/**
 * The messages of the example exchange, as both sides see them.
 *
 * @module
 */

import type { StandardSchemaV1 } from "@jetsocket/pool";

/** One trade, as the exchange pushes it. */
export interface Trade {
  readonly symbol: string;
  readonly price: number;
  readonly quantity: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Counts from 1 for each symbol. */
  readonly id: number;
}

/** What a client may send on `/ws/<symbol>`. */
export type Command =
  | { readonly subscribe: "trades" }
  | { readonly unsubscribe: "trades" }
  | { readonly ping: number };

/** What the exchange pushes and answers on `/ws/<symbol>`. */
export type MarketMessage =
  | Trade
  | { readonly pong: number }
  | { readonly error: string };

const FIELDS = {
  symbol: "string",
  price: "number",
  quantity: "number",
  time: "number",
  id: "number",
} as const;

function isTrade(value: unknown): value is Trade {
  return typeof value === "object" && value !== null &&
    Object.entries(FIELDS).every(([name, type]) =>
      typeof Reflect.get(value, name) === type
    );
}

/**
 * A Standard Schema written by hand; one made with zod, valibot or arktype
 * goes in the same place.
 */
export const tradeSchema: StandardSchemaV1<unknown, Trade> = {
  "~standard": {
    version: 1,
    vendor: "market-example",
    validate: (value) =>
      isTrade(value) ? { value } : { issues: [{ message: "not a trade" }] },
  },
};
