import type fc from "fast-check";

/** Between two acts of one burst so many microtask turns may pass. */
const GAPS = [0, 0, 0, 1, 2, 3, 4, 6, 9] as const;

/** More acts than a race may take: each brings a few others at most. */
const MOST_ACTS = 120;

interface Act {
  readonly label: string;
  readonly perform: () => void;
}

/** Everything in a race that is left to chance, but the order. */
export class Dice {
  readonly #stream: fc.Stream<number>;

  constructor(stream: fc.Stream<number>) {
    this.#stream = stream;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    const { value } = this.#stream.next();
    // The index is below the length.
    return choices[Number(value) % choices.length]!;
  }

  /** True once in `odds` times. */
  once(odds: number): boolean {
    const { value } = this.#stream.next();
    return Number(value) % odds === odds - 1;
  }
}

/** Who looks on, and finds fault. */
export interface Referee {
  /** In the middle of a turn, after every act. */
  checkNow(): void;
  /** When no promise chain is left that could run. */
  checkSettled(): void;
  settle(): Promise<void>;
}

/**
 * Acts in an order that fast-check's scheduler decides, in bursts: within one
 * turn of the event loop, or a few turns of microtasks apart. An act may bring
 * further ones, which the scheduler then mixes with those that are left.
 */
export class Race {
  readonly #scheduler: fc.Scheduler;
  readonly #dice: Dice;
  readonly #drawn: Act[] = [];
  readonly #performed: string[] = [];

  constructor(scheduler: fc.Scheduler, dice: Dice) {
    this.#scheduler = scheduler;
    this.#dice = dice;
  }

  /** What happened so far, for the report of a failure. */
  get story(): string {
    return this.#performed.join("\n");
  }

  /** Adds an act to be performed some time. */
  add(label: string, perform: () => void): void {
    void this.#scheduler.schedule(Promise.resolve(), label)
      .then(() => this.#drawn.push({ label, perform }));
  }

  note(line: string): void {
    this.#performed.push(`    ${line}`);
  }

  async run(referee: Referee): Promise<void> {
    while (this.#performed.length < MOST_ACTS * 4) {
      const size = this.#dice.pick([1, 1, 2, 3]);
      const burst = await this.#draw(size);
      for (const { label, perform } of burst) {
        this.#performed.push(label);
        perform();
        referee.checkNow();
        const gap = this.#dice.pick(GAPS);
        for (let turn = 0; turn < gap; turn++) await undefined;
        referee.checkNow();
      }
      if (burst.length > 0 && !this.#dice.once(2)) continue;
      await referee.settle();
      referee.checkSettled();
      if (this.#scheduler.count() === 0) return;
    }
    throw new Error("The race does not come to an end.");
  }

  async #draw(size: number): Promise<Act[]> {
    while (this.#drawn.length < size && this.#scheduler.count() > 0) {
      const before = this.#drawn.length;
      await this.#scheduler.waitOne();
      while (this.#drawn.length === before) await undefined;
    }
    return this.#drawn.splice(0);
  }
}
