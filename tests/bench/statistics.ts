/** What one process measured, in the order of its turns. */
export type Runs = readonly number[];

/** The runs of one contestant's processes, one of each round. */
export type Figures = readonly Runs[];

/** The middle of some figures, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

/** @throws {RangeError} Without values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half];
  if (upper === undefined) throw new RangeError("No values");
  return sorted.length % 2 === 1 ? upper : (upper + sorted[half - 1]!) / 2;
}

/** Of each round the median of its runs. */
export function mediansOf(figures: Figures): number[] {
  return figures.map(median);
}

/**
 * Combines two contestants turn by turn, and takes of each round the median:
 * what a machine does to a turn it mostly does to the next process's too.
 */
export function paired(
  left: Figures,
  right: Figures,
  combine: (left: number, right: number) => number,
): number[] {
  return zip(left, right, (one, other) => median(zip(one, other, combine)));
}

/** As long as the shorter. */
export function zip<Item>(
  left: readonly Item[],
  right: readonly Item[],
  combine: (left: Item, right: Item) => number,
): number[] {
  const length = Math.min(left.length, right.length);
  // Both lists have that many.
  return left.slice(0, length).map((item, at) => combine(item, right[at]!));
}
