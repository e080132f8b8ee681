/** From one step of a count to a later one. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The most intervals that ever were at one time; each step is the beginning or the end of one of them at most. */
export function mostAtOnce(intervals: readonly Interval[]): number {
  const steps = intervals.flatMap(({ from, to }) => [
    { at: from, change: 1 },
    { at: to, change: -1 },
  ]).sort((a, b) => a.at - b.at);
  let now = 0;
  let most = 0;
  for (const { change } of steps) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
