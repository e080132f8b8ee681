/**
 * What is known of the engine that runs this.
 *
 * @module
 */

/** Whether it is V8, by what the runtime calls itself. A wrong guess costs time and nothing else. */
export const isV8: boolean = ["Deno", "Node.js", "Chrome"].some((name) =>
  globalThis.navigator?.userAgent?.includes(name)
);
