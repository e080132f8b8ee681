import type {
  ConnectionPool,
  PoolEventMap,
  PoolEventType,
} from "@jetsocket/pool";
import { EVENT_TYPES } from "../support/event_types.ts";

/** Wide, as machines are shared: an event that comes, comes within ms. */
const LIMIT = 20_000;

/** Any pool: what it carries is of no concern here. */
type AnyPool = Pick<
  ConnectionPool,
  "addEventListener" | "removeEventListener" | "stats"
>;

/**
 * Resolves with the next event of a type; rejects after real 20 s, so that a
 * test whose event never comes fails and does not hang.
 */
export function nextEvent<Type extends PoolEventType>(
  pool: AnyPool,
  type: Type,
): Promise<PoolEventMap[Type]> {
  const { promise, resolve, reject } = Promise.withResolvers<
    PoolEventMap[Type]
  >();
  const listener = (event: PoolEventMap[Type]) => {
    clearTimeout(timer);
    resolve(event);
  };
  const timer = setTimeout(() => {
    pool.removeEventListener(type, listener);
    reject(new Error(`No "${type}" event within ${LIMIT} ms`));
  }, LIMIT);
  pool.addEventListener(type, listener, { once: true });
  return promise;
}

/** Resolves once a condition on the pool holds, looked at after every event. */
export function untilPool(
  pool: AnyPool,
  condition: () => boolean,
): Promise<void> {
  if (condition()) return Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => {
    clearTimeout(timer);
    for (const type of EVENT_TYPES) pool.removeEventListener(type, listener);
  };
  const listener = () => {
    if (!condition()) return;
    stop();
    resolve();
  };
  const timer = setTimeout(() => {
    stop();
    reject(new Error(`Not true within ${LIMIT} ms: ${condition}`));
  }, LIMIT);
  for (const type of EVENT_TYPES) pool.addEventListener(type, listener);
  return promise;
}
