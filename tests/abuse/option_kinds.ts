/** What is to come of a value: taken, or refused with one error or the other. */
export type Verdict = "taken" | typeof TypeError | typeof RangeError;

/** The rules of one kind of option, in other words than the library's. */
export interface Kind {
  /** A value that is taken. */
  readonly good: unknown;
  /** Whether an error may say what was given. */
  readonly isSecret: boolean;
  judge(value: unknown): Verdict;
}

function kind(
  good: unknown,
  judge: (value: unknown) => Verdict,
  isSecret = false,
): Kind {
  const whole = (value: unknown) =>
    value === undefined ? "taken" : judge(value);
  return { good, isSecret, judge: whole };
}

interface Range {
  readonly from: number;
  readonly isOpen?: boolean;
  readonly isWhole?: boolean;
  readonly to?: number;
}

/** Numbers from a least one; `to` is taken too. */
export function number({ from, isOpen, isWhole, to = Infinity }: Range): Kind {
  return kind(to === Infinity ? from + 5 : to, (value) => {
    if (typeof value !== "number") return TypeError;
    const isInside = (isOpen ? value > from : value >= from) && value <= to;
    const isFine = !isWhole || value === Infinity || value % 1 === 0;
    return isInside && isFine ? "taken" : RangeError;
  });
}

/** Numbers that must be finite. */
export function finite(range: Range): Kind {
  const { good, judge } = number(range);
  return kind(
    good,
    (value) => value === Infinity ? RangeError : judge(value),
  );
}

export const count = number({ from: 1, isWhole: true });
export const duration = number({ from: 0 });
export const positive = number({ from: 0, isOpen: true });

export const callable = kind(
  () => {},
  (value) => typeof value === "function" ? "taken" : TypeError,
);

export const flag = kind(
  true,
  (value) => typeof value === "boolean" ? "taken" : TypeError,
);

export const signal = kind(
  new AbortController().signal,
  (value) => isA(value, AbortSignal) ? "taken" : TypeError,
);

export const secretText = kind(
  "name",
  (value) => typeof value === "string" ? "taken" : TypeError,
  true,
);

export function choice(first: string, ...others: string[]): Kind {
  return kind(first, (value) => {
    if (typeof value !== "string") return TypeError;
    return [first, ...others].includes(value) ? "taken" : RangeError;
  });
}

/** RFC 6455: names made of the characters of an HTTP token, none of them twice. */
export const protocols = kind(["a", "b"], (value) => {
  const list = typeof value === "string" ? [value] : value;
  if (!Array.isArray(list)) return TypeError;
  const seen = new Set<string>();
  for (const name of list) {
    if (typeof name !== "string" || name === "") return TypeError;
    for (const character of name) {
      const isToken = character > " " && character < "\x7f" &&
        !'"(),/:;<=>?@[\\]{}'.includes(character);
      if (!isToken) return TypeError;
    }
    if (seen.has(name.toLowerCase())) return TypeError;
    seen.add(name.toLowerCase());
  }
  return "taken";
}, true);

/** Nothing but objects will do. */
export const nothing = kind(undefined, () => TypeError);

/** The one kind, or an object in which no name is unknown: of the values here, one without names. */
export function shapes(simple: Kind, isSecret: boolean): Kind {
  const judge = (value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return simple.judge(value);
    }
    return Object.keys(value).length === 0 ? "taken" : TypeError;
  };
  return kind(simple.good, judge, isSecret);
}

/** The one kind, or an object with methods. */
export function withMethods(simple: Kind, ...names: string[]): Kind {
  const good = Object.fromEntries(names.map((name) => [name, () => {}]));
  return kind(good, (value) => {
    if (typeof value !== "object" || value === null) {
      return simple.judge(value);
    }
    const isWhole = names.every((name) =>
      typeof Reflect.get(value, name) === "function"
    );
    return isWhole ? "taken" : TypeError;
  });
}

/** A function, or what the platform takes for headers. */
export const headers = kind({ "x-key": "a" }, (value) => {
  if (typeof value === "function") return "taken";
  try {
    new Headers(Object(value) === value ? Object(value) : NONE);
    return "taken";
  } catch {
    return TypeError;
  }
}, true);

/** What is refused wherever headers are taken. */
const NONE: HeadersInit = [["no token", "x"]];

/** Absolute, of a scheme that leads to a WebSocket, and without a fragment. */
export const address = kind("wss://h.example/v1", (value) => {
  const text = isA(value, URL) ? String(value) : value;
  if (typeof text !== "string" || !URL.canParse(text)) return TypeError;
  const { protocol } = new URL(text);
  const isKnown = ["ws:", "wss:", "http:", "https:"].includes(protocol);
  return isKnown && !text.includes("#") ? "taken" : TypeError;
}, true);

/** `instanceof`, of values that may throw when they are looked at. */
function isA(value: unknown, type: { prototype: object }): boolean {
  try {
    return Object.prototype.isPrototypeOf.call(type.prototype, Object(value)) &&
      value === Object(value);
  } catch {
    return false;
  }
}
