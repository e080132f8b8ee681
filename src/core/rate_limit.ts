/** How many dials are allowed per sliding interval. */
export interface RatePolicy {
  readonly limit: number;
  /** In ms. */
  readonly interval: number;
}

/**
 * A sliding window over dials: of any interval's length, no more than `limit`
 * dials begin within it. Exact, and kept in a ring of the last `limit` times.
 *
 * A dial that is decided holds a place until its time is known: its address or
 * headers may take a while to resolve, and the server counts from the socket.
 */
export class RateLimit {
  readonly #times: Float64Array;
  readonly #interval: number;
  #next = 0;
  #held = 0;

  constructor({ limit, interval }: RatePolicy) {
    this.#times = new Float64Array(limit).fill(-Infinity);
    this.#interval = interval;
  }

  /** When the next dial may be decided: a time in the past means now, `Infinity` not before a place is given back or its time known. */
  get freeAt(): number {
    const { length } = this.#times;
    if (this.#held >= length) return Infinity;
    // Of the last times, as many as places are not held must not all be recent. The index is within the ring.
    return this.#times[(this.#next + this.#held) % length]! + this.#interval;
  }

  /** A dial is decided. */
  hold(): void {
    this.#held++;
  }

  /** A dial that held a place begins. */
  begin(now: number): void {
    this.#held--;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#times.length;
  }

  /** A dial that held a place ended before it began. */
  giveBack(): void {
    this.#held--;
  }
}
