/**
 * The kinds of options: what each takes, and what it is where none is given.
 * An error names the option and what was given; the values of secret options
 * are never shown.
 *
 * @module
 */

/**
 * An option: makes of what is given, or of nothing, what is used.
 *
 * @throws {TypeError} If it has the wrong type
 * @throws {RangeError} If it is out of range
 */
export type Option<Given, Resolved> = (
  given: Given | undefined,
  name: string,
) => Resolved;

/** How a value that fails its test is refused. */
interface Refusal {
  /** The type with which it is merely out of range. */
  readonly type?: "number" | "string";
  readonly show?: (given: unknown) => string;
}

/**
 * What passes a test, as it is.
 *
 * @param kind What that is, in the words of an error
 */
export function tested<Given, Fallback>(
  fallback: Fallback,
  kind: string,
  passes: (given: Given) => boolean,
  { type, show = received }: Refusal = {},
): Option<Given, Given | Fallback> {
  return (given, name) => {
    if (given === undefined) return fallback;
    if (passes(given)) return given;
    const actual: string = typeof given;
    throw new (actual === type ? RangeError : TypeError)(
      mustBe(name, kind, show(given)),
    );
  };
}

/** A number within a range. */
export function number<Fallback>(
  fallback: Fallback,
  range: string,
  isWithin: (given: number) => boolean,
): Option<number, number | Fallback> {
  const within = tested(fallback, range, isWithin, { type: "number" });
  return (given, name) => within(anyNumber(given, name), name);
}

const anyNumber = tested(
  undefined,
  "a number",
  (given: number) => typeof given === "number",
);

/** A duration in ms: 0 or more. */
export function duration(fallback: number): Option<number, number> {
  return number(fallback, "a number of at least 0 or Infinity", isDuration);
}

export function isDuration(given: unknown): given is number {
  return typeof given === "number" && given >= 0;
}

/** A duration in ms: more than 0. */
export function positiveDuration<Fallback>(
  fallback: Fallback,
): Option<number, number | Fallback> {
  return number(fallback, "greater than 0", (given) => given > 0);
}

/** A whole number of at least `minimum`, or `Infinity`. */
export function count(
  fallback: number,
  minimum: number,
): Option<number, number> {
  return number(
    fallback,
    `an integer of at least ${minimum} or Infinity`,
    (given) => given >= minimum && given === Math.floor(given),
  );
}

/** A number of at least `minimum`, and not `Infinity`. */
export function finite<Fallback>(
  fallback: Fallback,
  minimum: number,
): Option<number, number | Fallback> {
  return number(
    fallback,
    `a finite number of at least ${minimum}`,
    (given) => given >= minimum && given < Infinity,
  );
}

/** One of several words; the first if none is given. */
export function choice<Word extends string>(
  ...words: [Word, ...Word[]]
): Option<Word, Word> {
  const list = words.map((word) => `"${word}"`).join(", ");
  return tested(
    words[0],
    `one of ${list}`,
    (given: Word) => words.includes(given),
    { type: "string" },
  );
}

export const flag = tested(
  false,
  "a boolean",
  (given: boolean) => typeof given === "boolean",
);

export const signal = tested(undefined, "an AbortSignal", isSignal);

export function isSignal(given: AbortSignal): boolean {
  return given instanceof AbortSignal;
}

// deno-lint-ignore ban-types -- any callable will do
export function callable<Callable extends Function>(): Option<
  Callable,
  Callable | undefined
> {
  return tested<Callable, undefined>(
    undefined,
    "a function",
    (given) => typeof given === "function",
  );
}

/** Whether a value has all of these methods. */
export function hasMethods<Given>(
  given: Given,
  ...names: (keyof Given)[]
): boolean {
  return names.every((name) => typeof given?.[name] === "function");
}

/** A string that is not shown when it is wrong. */
export function secretString<Fallback>(
  fallback: Fallback,
): Option<string, string | Fallback> {
  return tested<string, Fallback>(
    fallback,
    "a string",
    (given) => typeof given === "string",
    { show: typeName },
  );
}

/** What RFC 6455, section 4.1, lets a subprotocol consist of: an HTTP token. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Distinct subprotocol names, which no error quotes. */
export function protocols(
  fallback: readonly string[],
): Option<string | readonly string[], readonly string[]> {
  return (given, name) => {
    if (given === undefined) return fallback;
    const list: unknown = typeof given === "string" ? [given] : given;
    if (!Array.isArray(list)) {
      throw new TypeError(
        mustBe(name, "a string or an array of strings", typeName(given)),
      );
    }
    const copy: unknown[] = [...list];
    if (!copy.every(isToken)) {
      throw new TypeError(
        `${name} must be HTTP tokens (RFC 6455, section 4.1)`,
      );
    }
    // The runtimes' constructors take names that differ in case alone for one.
    const distinct = new Set(copy.map((protocol) => protocol.toLowerCase()));
    if (distinct.size < copy.length) {
      throw new TypeError(`${name} must not name a subprotocol twice`);
    }
    return copy;
  };
}

function isToken(given: unknown): given is string {
  return typeof given === "string" && TOKEN.test(given);
}

export function mustBe(name: string, kind: string, shown: string): string {
  return `${name} must be ${kind}, got ${shown}`;
}

/** So much of a string is quoted in an error. */
const LONGEST_QUOTE = 64;

/** A value as an error quotes it; of an object the kind says enough. */
export function received(value: unknown): string {
  if (typeof value === "string") {
    const tail = value.length > LONGEST_QUOTE ? "…" : "";
    return `${JSON.stringify(value.slice(0, LONGEST_QUOTE))}${tail}`;
  }
  return typeof value === "object" || typeof value === "function"
    ? typeName(value)
    : String(value);
}

/** The kind of a value, for messages that must not quote it. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}
