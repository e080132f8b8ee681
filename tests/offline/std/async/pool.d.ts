/**
 * Maps a source with at most `poolLimit` calls in flight; results come in the
 * order of the source.
 *
 * @throws {RangeError} If `poolLimit` is not a positive integer.
 * @throws {AggregateError} From the iterator, with every rejection.
 */
export function pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R>;
