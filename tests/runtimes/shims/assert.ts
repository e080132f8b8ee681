/**
 * As much of `node:assert/strict` as the cases use, for browsers.
 *
 * @module
 */

import type strict from "node:assert/strict";

class AssertionError extends Error {
  override readonly name = "AssertionError";
}

function show(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function fail(message: unknown): never {
  throw message instanceof Error ? message : new AssertionError(`${message}`);
}

/** Strictly, for what JSON can carry and `undefined`; never for anything else. */
function isDeepEqual(actual: unknown, expected: unknown): boolean {
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== "object" || typeof expected !== "object") return false;
  if (actual === null || expected === null) return false;
  const prototype = Object.getPrototypeOf(actual);
  if (prototype !== Object.getPrototypeOf(expected)) return false;
  if (prototype !== Object.prototype && prototype !== Array.prototype) {
    return false;
  }
  const keys = Reflect.ownKeys(actual);
  return keys.length === Reflect.ownKeys(expected).length &&
    keys.every((key) =>
      Object.hasOwn(expected, key) &&
      isDeepEqual(Reflect.get(actual, key), Reflect.get(expected, key))
    );
}

const assert: Pick<
  typeof strict,
  "deepEqual" | "equal" | "fail" | "ok" | "throws"
> = {
  ok(value, message) {
    if (!value) fail(message ?? `${show(value)} is not true`);
  },
  equal(actual, expected, message) {
    if (Object.is(actual, expected)) return;
    fail(message ?? `${show(actual)} is not ${show(expected)}`);
  },
  deepEqual(actual, expected, message) {
    if (isDeepEqual(actual, expected)) return;
    fail(message ?? `${show(actual)} is not ${show(expected)}`);
  },
  throws(body: () => unknown, expected: unknown) {
    if (typeof expected !== "function") fail("throws needs a class");
    try {
      body();
    } catch (error) {
      if (error instanceof expected) return;
      fail(`${error} is no ${expected.name}`);
    }
    fail(`nothing was thrown, not even a ${expected.name}`);
  },
  fail,
};

export default assert;
