/**
 * The trades of one symbol, pushed to whoever subscribed.
 *
 * @module
 */

import { RandomWalk } from "./random_walk.ts";
import type { Trade } from "./trade.ts";

/** Receives each trade, already encoded: all subscribers share one string. */
export type Subscriber = (text: string) => void;

/** One market: a random walk that moves only while somebody listens. */
export class TradeFeed {
  readonly #symbol: string;
  readonly #walk: RandomWalk;
  readonly #intervalMs: number;
  readonly #subscribers = new Set<Subscriber>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #trades = 0;

  constructor(symbol: string, options: { seed: number; intervalMs: number }) {
    this.#symbol = symbol;
    this.#walk = new RandomWalk(symbol, options.seed);
    this.#intervalMs = options.intervalMs;
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    if (this.#timer === undefined) this.#schedule();
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size === 0) this.stop();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#subscribers.clear();
  }

  #schedule(): void {
    // Between half and one and a half of the interval: symbols that started
    // together do not trade in step.
    const wait = this.#intervalMs * (0.5 + Math.random());
    this.#timer = setTimeout(() => this.#trade(), wait);
  }

  #trade(): void {
    const trade: Trade = {
      symbol: this.#symbol,
      ...this.#walk.next(),
      time: Date.now(),
      id: ++this.#trades,
    };
    this.#schedule();
    const text = JSON.stringify(trade);
    for (const subscriber of this.#subscribers) subscriber(text);
  }
}
