/**
 * The checks that options go through: a wrong type is a `TypeError`, a value
 * out of range a `RangeError`, each with the option's name and what was given.
 * The values of secret options are never shown.
 */

/** Refuses what is no options object, and names it does not know. Reads no value. */
export function requireOptions(
  value: object,
  owner: string,
  known: readonly string[],
): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${owner} must be an object, got ${typeName(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw new TypeError(
        `${owner} has no option "${name}"; known: ${known.join(", ")}`,
      );
    }
  }
}

/** A copy in which a name that is not there is not found on `Object.prototype` either, where anybody may have put it. */
export function copyOwn<T extends object>(
  value: T,
  known: readonly string[],
): T {
  // A spread copies own properties only, and reads each getter once.
  const own = { ...value };
  for (const name of known) {
    if (name in own && !Object.hasOwn(own, name)) {
      Object.defineProperty(own, name, { value: undefined });
    }
  }
  return own;
}

/** Own enumerable properties of an options object, with no name it does not know. */
export function ownOptions<T extends object>(
  value: T | undefined,
  owner: string,
  known: readonly string[],
): Partial<T> {
  if (value !== undefined) requireOptions(value, owner, known);
  return copyOwn<Partial<T>>(value ?? {}, known);
}

/** Bounds of a numeric option. */
interface Bounds {
  readonly minimum: number;
  readonly integer?: boolean;
  readonly finite?: boolean;
}

export function numberOption(
  value: number | undefined,
  name: string,
  fallback: number,
  { minimum, integer, finite }: Bounds,
): number {
  if (value === undefined) return fallback;
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number, got ${received(value)}`);
  }
  if (
    !(value >= minimum) ||
    (value === Infinity ? finite : integer && !Number.isInteger(value))
  ) {
    const kind = integer ? "an integer" : "a number";
    const ceiling = finite ? "" : " or Infinity";
    throw new RangeError(
      `${name} must be ${kind} of at least ${minimum}${ceiling}, got ${value}`,
    );
  }
  return value;
}

/** A duration in ms: 0 or more. */
export function durationOption(
  value: number | undefined,
  name: string,
  fallback: number,
): number {
  return numberOption(value, name, fallback, { minimum: 0 });
}

/** A duration in ms: more than 0. */
export function positiveDurationOption(
  value: number | undefined,
  name: string,
  fallback: number,
): number {
  if (value === 0) {
    throw new RangeError(`${name} must be greater than 0, got 0`);
  }
  return durationOption(value, name, fallback);
}

/** A count: a whole number of at least `minimum`. */
export function countOption(
  value: number | undefined,
  name: string,
  fallback: number,
  minimum: number,
): number {
  return numberOption(value, name, fallback, { minimum, integer: true });
}

export function choiceOption<T extends string>(
  value: T | undefined,
  name: string,
  choices: readonly [T, ...T[]],
): T {
  if (value === undefined) return choices[0];
  if (!choices.includes(value)) {
    const list = choices.map((choice) => `"${choice}"`).join(", ");
    const problem = `${name} must be one of ${list}`;
    if (typeof value !== "string") {
      throw new TypeError(`${problem}, got ${received(value)}`);
    }
    throw new RangeError(`${problem}, got ${received(value)}`);
  }
  return value;
}

export function booleanOption(
  value: boolean | undefined,
  name: string,
): boolean {
  if (value === undefined) return false;
  if (typeof value !== "boolean") {
    throw new TypeError(`${name} must be a boolean, got ${received(value)}`);
  }
  return value;
}

/** A string that is not shown when it is wrong. */
export function secretStringOption(
  value: string | undefined,
  name: string,
): string | undefined {
  if (value !== undefined && typeof value !== "string") {
    throw new TypeError(`${name} must be a string, got ${typeName(value)}`);
  }
  return value;
}

// deno-lint-ignore ban-types -- any callable will do
export function functionOption<T extends Function>(
  value: T | undefined,
  name: string,
): T | undefined {
  if (value !== undefined && typeof value !== "function") {
    throw new TypeError(`${name} must be a function, got ${received(value)}`);
  }
  return value;
}

export function signalOption(
  value: AbortSignal | undefined,
  name: string,
): AbortSignal | undefined {
  if (value !== undefined && !(value instanceof AbortSignal)) {
    throw new TypeError(
      `${name} must be an AbortSignal, got ${received(value)}`,
    );
  }
  return value;
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
