import assert from "node:assert/strict";
import type {
  ConnectionPool,
  PoolEventMap,
  PoolEventType,
} from "@jetsocket/pool";

/** Wide, as machines are shared: what is waited for takes ms. */
const LIMIT = 20_000;

/** A promise that a broken pool would leave pending: rejects after 20 s. */
export async function within<Value>(promise: Promise<Value>): Promise<Value> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const error = new Error(`Not settled within ${LIMIT} ms`);
  const timer = setTimeout(() => reject(error), LIMIT);
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** The next event of a type. */
export function nextEvent<Type extends PoolEventType>(
  pool: Pick<ConnectionPool, "addEventListener">,
  type: Type,
): Promise<PoolEventMap[Type]> {
  const { promise, resolve } = Promise.withResolvers<PoolEventMap[Type]>();
  pool.addEventListener(type, resolve, { once: true });
  return within(promise);
}

/** The error a promise rejects with, which must be of that class. */
export async function failure<Failure extends Error>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => Failure,
): Promise<Failure> {
  try {
    await within(promise);
  } catch (error) {
    if (error instanceof type) return error;
    assert.fail(`a ${type.name} was expected, not ${error}`);
  }
  assert.fail(`a ${type.name} was expected, and nothing failed`);
}

/** The next messages; fewer if the stream ends before. */
export async function take<Incoming>(
  conn: AsyncIterable<Incoming>,
  count: number,
): Promise<Incoming[]> {
  const taken: Incoming[] = [];
  for await (const message of conn) {
    if (taken.push(message) === count) break;
  }
  return taken;
}
