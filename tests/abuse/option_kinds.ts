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

/** `instanceof`, of values that may throw when they are looked at. */
function isA(value: unknown, type: { prototype: object }): boolean {
  try {
    return Object.prototype.isPrototypeOf.call(type.prototype, Object(value)) &&
      value === Object(value);
  } catch {
    return false;
  }
}
