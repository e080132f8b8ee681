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
  /** The dials that hold a place. */
  readonly #holders: Set<unknown> = new Set();

  constructor({ limit, interval }: RatePolicy) {
    this.#times = new Float64Array(limit).fill(-Infinity);
    this.#interval = interval;
  }

  /** When the next dial may be decided: a time in the past means now, `Infinity` not before a place is given back or its time known. */
  get freeAt(): number {
    const { length } = this.#times;
    const { size } = this.#holders;
    if (size >= length) return Infinity;
    // Of the last times, as many as places are not held must not all be recent. The index is within the ring.
    return this.#times[(this.#next + size) % length]! + this.#interval;
  }

  /** A dial is decided. */
  hold(dial: unknown): void {
    this.#holders.add(dial);
  }

  /** A dial begins: if it still holds its place, it counts from now on. */
  begin(dial: unknown, now: number): void {
    if (!this.#holders.delete(dial)) return;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#times.length;
  }

  /** A dial ended: if it never began, it leaves its place to another. */
  giveBack(dial: unknown): void {
    this.#holders.delete(dial);
  }
}
