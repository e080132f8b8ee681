/**
 * What is known of the engine that runs this.
 *
 * @module
 */

/** Those that call themselves so run on V8. A wrong guess costs time and nothing else. */
const isV8 = ["Deno", "Node.js", "Chrome"].some((name) =>
  globalThis.navigator?.userAgent.includes(name)
);

/**
 * Tells V8 that the instances of a class are no thenables. Whatever a promise is
 * resolved with is searched for `then`: V8 compares all names, the last one
 * first, up to `Object.prototype`, which takes a tenth of a pair of `acquire`
 * and `release`. Here the search finds it at once. JavaScriptCore knows without
 * a search that a class has none, and is slower where there is one.
 *
 * @param prototype Of a class that is complete: this has to be the last name
 */
export function denyThen(prototype: object): void {
  if (isV8) Object.defineProperty(prototype, "then", { value: undefined });
}
