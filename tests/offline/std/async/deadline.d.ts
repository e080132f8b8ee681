/** What {@linkcode deadline} takes beside its promise and its bound. */
export interface DeadlineOptions {
  /** Ends the wait early; the promise then rejects with its reason. */
  signal?: AbortSignal;
}

/**
 * Settles as `p` does, unless `ms` pass or `options.signal` aborts first.
 *
 * @throws {DOMException} A `TimeoutError` when `ms` have passed; never for a
 * bound above `Number.MAX_SAFE_INTEGER`, `Infinity` among them.
 */
export function deadline<T>(
  p: Promise<T>,
  ms: number,
  options?: DeadlineOptions,
): Promise<T>;
