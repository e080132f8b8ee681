/** What a clock hands out for a timer. */
export type TimerHandle = ReturnType<typeof setTimeout> | number;

/** Time as the pool knows it: monotonic, in ms from an arbitrary start. */
export interface Clock {
  now(): number;
  setTimer(callback: () => void, delay: number): TimerHandle;
  clearTimer(handle: TimerHandle): void;
}

/** What the pool takes from the world around it besides sockets. */
export interface Environment {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** A timer set for longer than this fires at once on every runtime. */
const LONGEST_TIMER = 2 ** 31 - 1;

const systemClock: Clock = {
  now: () => performance.now(),
  // Whoever set the timer looks at the time again when it fires, so a slice of a longer wait needs no book-keeping.
  setTimer: (callback, delay) =>
    setTimeout(callback, Math.min(delay, LONGEST_TIMER)),
  clearTimer: (handle) => clearTimeout(handle),
};

export const systemEnvironment: Environment = {
  clock: systemClock,
  random: () => Math.random(),
};

/** A config may carry another environment under this symbol: tests do. */
export const ENVIRONMENT: unique symbol = Symbol("environment");
