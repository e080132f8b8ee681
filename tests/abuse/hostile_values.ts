/** What the values below throw when they are read. */
export const UNREADABLE = "it cannot be read";

function fail(): never {
  throw new Error(UNREADABLE);
}

function unreadableError(): Error {
  return Object.defineProperties(new Error("text"), {
    name: { get: fail },
    message: { get: fail },
    stack: { get: fail },
    cause: { get: fail },
  });
}

/** Throws whatever is done with it. */
function trap(): object {
  return new Proxy(() => {}, {
    get: fail,
    set: fail,
    has: fail,
    apply: fail,
    ownKeys: fail,
    construct: fail,
    getPrototypeOf: fail,
    getOwnPropertyDescriptor: fail,
  });
}

/** Values that are hard to handle, whoever gets them; made anew for each use. */
export const HOSTILE: Readonly<Record<string, () => unknown>> = {
  "undefined": () => undefined,
  "null": () => null,
  "a string": () => "s3cret",
  "an empty string": () => "",
  "a number": () => 42,
  "NaN": () => NaN,
  "true": () => true,
  "a BigInt": () => 10n,
  "a symbol": () => Symbol("odd"),
  "a function": () => () => fail(),
  "an empty object": () => ({}),
  "an array": () => [undefined],
  "an object without a prototype": () => Object.create(null),
  "a frozen error": () => Object.freeze(new Error("frozen")),
  "an error that cannot be read": unreadableError,
  "an error with a symbol for a name": () =>
    Object.assign(new Error("text"), { name: Symbol("odd") }),
  "an error that is its own cause": () => {
    const error = new Error("circular");
    error.cause = error;
    return error;
  },
  "a TimeoutError": () => new DOMException("not the pool's", "TimeoutError"),
  "an AbortError": () => new DOMException("not the pool's", "AbortError"),
  "an object whose toString throws": () => ({ toString: fail, valueOf: fail }),
  "an object whose then throws": () => ({
    get then() {
      return fail();
    },
  }),
  "a thenable that never settles": () => ({ then() {} }),
  "a proxy that throws": trap,
};
