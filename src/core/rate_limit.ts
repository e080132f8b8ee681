/** How many dials are allowed per sliding interval. */
export interface RatePolicy {
  readonly limit: number;
  /** In ms. */
  readonly interval: number;
}

/**
 * A sliding window over dials: of any interval's length, no more than `limit`
 * dials begin within it. Exact, and kept in a ring of the last `limit` times.
 */
export class RateLimit {
  readonly #times: Float64Array;
  readonly #interval: number;
  #next = 0;

  constructor({ limit, interval }: RatePolicy) {
    this.#times = new Float64Array(limit).fill(-Infinity);
    this.#interval = interval;
  }

  /** When the next dial may begin; a time in the past means now. */
  get freeAt(): number {
    // The ring is as long as the limit: what is overwritten next is the oldest that counts.
    return this.#times[this.#next]! + this.#interval;
  }

  /** A dial begins. */
  note(now: number): void {
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#times.length;
  }
}
