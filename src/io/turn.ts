import type { Clock } from "./clock.ts";

const settled = Promise.resolve();

/** How many rounds of microtasks one reading serves. */
export const ROUNDS = 4;

/**
 * The time to the turn: read once for everything that happens in a few rounds of
 * microtasks that follow each other, since a reading costs as much as handing a
 * connection over (Deno).
 *
 * - What is read within the turn is never later than the true time.
 * - The turn ends after `ROUNDS` rounds, or with the first in which nobody asked
 *   for the time. Then `onEnd` is called with a new reading, if anybody asked at
 *   all; it serves the next turn, if that follows at once.
 * - No timer fires within it: what its length can shift is what user code that
 *   runs between its rounds takes. Who joins the queue counts as waiting from its
 *   end on.
 */
export class Turn {
  readonly #clock: Clock;
  readonly #onEnd: (now: number) => void;
  readonly #end: () => void;
  #now: number | undefined;
  /** Whether somebody has asked in this round. */
  #isUsed = false;
  /** Rounds before it in which somebody has asked, since the reading. */
  #rounds = 0;

  constructor(clock: Clock, onEnd: (now: number) => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#end = () => {
      if (this.#isUsed && ++this.#rounds < ROUNDS) {
        this.#isUsed = false;
        settled.then(this.#end);
      } else if (this.#rounds > 0) {
        this.#isUsed = false;
        this.#rounds = 0;
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
