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

/**
 * Combines two lists round by round: what a machine does to one round it does
 * to both figures of it.
 */
export function paired(
  left: readonly number[],
  right: readonly number[],
  combine: (left: number, right: number) => number,
): number[] {
  const rounds = Math.min(left.length, right.length);
  return left.slice(0, rounds).map((value, round) =>
    // Both lists have that many.
    combine(value, right[round]!)
  );
}
