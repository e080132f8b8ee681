import type { Clock } from "./clock.ts";

const settled = Promise.resolve();

/**
 * The time to the turn: read once for everything that happens in one round of
 * microtasks, since on some runtimes a reading costs more than handing a
 * connection over.
 *
 * - What is read within the round is never later than the true time.
 * - At the end of each round in which the time was asked for, `onEnd` is called
 *   with a new reading; it serves the next round, if that follows at once.
 */
export class Turn {
  readonly #clock: Clock;
  readonly #onEnd: (now: number) => void;
  readonly #end: () => void;
  #now: number | undefined;
  #isUsed = false;

  constructor(clock: Clock, onEnd: (now: number) => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#end = () => {
      if (this.#isUsed) {
        this.#isUsed = false;
        this.#onEnd(this.#begin());
      } else {
        this.#now = undefined;
      }
    };
  }

  now(): number {
    this.#isUsed = true;
    return this.#now ?? this.#begin();
  }

  /** Somebody has read the clock: the time does not go back behind that. */
  advance(now: number): void {
    if (this.#now !== undefined) this.#now = now;
  }

  #begin(): number {
    // Not `queueMicrotask`: on Node that costs as much as three hand-overs.
    settled.then(this.#end);
    return this.#now = this.#clock.now();
  }
}
