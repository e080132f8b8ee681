/**
 * Numbers that look random and that a seed decides (xorshift, after Marsaglia,
 * "Xorshift RNGs", 2003).
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 0x6d2b79f5, 0x9e3779b1) | 0 || 1;
    // Seeds that are neighbours begin with numbers that are not.
    for (let round = 0; round < 16; round++) this.#turn();
  }

  /** In [0, 1). */
  readonly next = (): number => this.#turn() / 2 ** 32;

  /** A whole number in [0, end). */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** A whole number from `first` to `last`. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new Error("There is nothing to pick from.");
    return picked;
  }

  /** One of a list, if there is any. */
  pickAny<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** A name, as often as its weight says. */
  weighted<Name extends string>(weights: ReadonlyMap<Name, number>): Name {
    const sum = [...weights.values()].reduce((a, b) => a + b, 0);
    let left = this.next() * sum;
    for (const [name, weight] of weights) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new Error("No weight is above 0.");
  }

  /** Another source, so that what one part draws changes nothing for the rest. */
  fork(): Random {
    return new Random(this.#turn() | 0);
  }

  #turn(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }
}
