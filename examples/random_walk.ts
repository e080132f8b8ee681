/**
 * Prices that look alive and repeat for the same seed.
 *
 * @module
 */

/** Prices a reader recognises; any other symbol gets one from its name. */
const OPENING_PRICES = new Map([
  ["btcusdt", 67_000],
  ["ethusdt", 3_400],
  ["solusdt", 150],
]);

/** One step moves the price by at most this share of it, up or down. */
const LARGEST_STEP = 0.001;
const LOWEST_PRICE = 0.01;

/** 32-bit FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value ^= character.codePointAt(0) ?? 0;
    value = Math.imul(value, 0x01000193);
  }
  return value >>> 0;
}

/** Numbers in [0, 1) that repeat for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The price of one symbol, moving at random from trade to trade. */
export class RandomWalk {
  readonly #random: () => number;
  #price: number;

  constructor(symbol: string, seed: number) {
    const name = hash(symbol);
    this.#random = seededRandom(seed ^ name);
    this.#price = OPENING_PRICES.get(symbol) ?? 1 + name % 1_000;
  }

  next(): { price: number; quantity: number } {
    const step = (this.#random() * 2 - 1) * LARGEST_STEP;
    this.#price = Math.max(LOWEST_PRICE, this.#price * (1 + step));
    return {
      price: Math.round(this.#price * 100) / 100,
      quantity: Math.ceil(this.#random() * 10_000) / 10_000,
    };
  }
}
