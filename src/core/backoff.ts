/** The numbers of an exponential backoff with jitter. */
export interface BackoffPolicy {
  /** Longest delay after the first failure, in ms. */
  readonly minDelay: number;
  /** Cap on the delay, in ms. */
  readonly maxDelay: number;
  /** Growth of the delay per failure. */
  readonly multiplier: number;
  /** Share of the delay that is drawn at random: 1 is full jitter, 0 none. */
  readonly jitter: number;
  /** How long a key must do well, or be left alone, before its failures are forgotten, in ms. */
  readonly resetAfter: number;
}

/**
 * The delay before the next attempt after `failures` failures in a row.
 *
 * Exponential with "full jitter" at `jitter: 1`, after Marc Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: of the
 * variants compared there, the one that spreads callers best.
 */
export function backoffDelay(
  policy: BackoffPolicy,
  failures: number,
  random: number,
): number {
  const { minDelay, maxDelay, multiplier, jitter } = policy;
  // Infinity, which the power reaches, would make NaN of a `minDelay` of 0.
  const growth = Math.min(Number.MAX_VALUE, multiplier ** (failures - 1));
  const ceiling = Math.min(maxDelay, minDelay * growth);
  return ceiling * (1 - jitter * random);
}
