/**
 * What user code throws, or gives back where it should not. Such a value may
 * be anything: reading it may itself throw (getters, proxies), so it is read
 * here alone.
 *
 * @module
 */

function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error;
  } catch {
    return false;
  }
}

/** One of an error's texts, if it can be read and is one. */
function textOf(
  error: Error,
  field: "name" | "message" | "stack",
): string | undefined {
  try {
    const value: unknown = error[field];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What kind of thing was thrown: says nothing of its content. */
export function nameOf(thrown: unknown): string {
  return isError(thrown) ? textOf(thrown, "name") ?? "Error" : typeof thrown;
}

/** The name and text of something thrown by user code. */
export function describe(thrown: unknown): string {
  if (!isError(thrown)) return typeof thrown;
  return `${nameOf(thrown)}: ${textOf(thrown, "message") ?? ""}`;
}

/**
 * What is kept of an error that user code threw: plain data, so that an error
 * of the pool holds on to no socket or message (its own fields are dropped).
 */
export function describeThrown(thrown: unknown): unknown {
  const name = nameOf(thrown);
  if (!isError(thrown)) return { name };
  return {
    name,
    message: textOf(thrown, "message") ?? "",
    stack: textOf(thrown, "stack"),
  };
}

/** Calls user code whose result is of no concern: what it throws, or rejects with, goes to `report`. */
export function callGuarded(
  call: () => unknown,
  report: (thrown: unknown) => void,
): void {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}

/** Of a promise that nobody waits for, a failure must not become an unhandled rejection. */
export function ignoreRejection(value: unknown): void {
  callGuarded(() => value, () => {});
}

/** Whether a promise that resolves with the value would wait for it. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") &&
    value !== null && "then" in value && typeof value.then === "function";
}
