/**
 * A clock that stands still until a test moves it.
 *
 * Settling is a fixed number of microtask turns. A macrotask hop
 * (`setTimeout`, `MessageChannel`) would wait for true quiescence, but it lets
 * the runtime's real timers and sockets act in the middle of a step, and a
 * promise chain that never ends would hang the test in place of failing it.
 * One turn lets every chain that is ready take one hop; an `async` function
 * that returns a promise takes three. 256 turns therefore cover 85 such hops,
 * and cost some tens of microseconds.
 */
const SETTLE_TURNS = 256;

/** More timers than this at one instant is code that re-arms itself with 0. */
const MAX_FIRINGS_PER_INSTANT = 10_000;

/** A longer timer fires after this, as the pool's own clock slices it. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface Timer {
  readonly handle: number;
  readonly due: number;
  readonly callback: () => void;
}

export class VirtualClock {
  // Not 0: a time of 0 hides code that takes a stamp for "absent".
  #now = 1_000;
  // Insertion order is arming order, which breaks ties of `due`.
  readonly #timers = new Map<number, Timer>();
  #advancing = false;
  #reads = 0;
  #armed = 0;

  now(): number {
    this.#reads++;
    return this.#now;
  }

  setTimer(callback: () => void, delay: number): number {
    // The runtimes take it for 0: never what was meant.
    if (Number.isNaN(delay)) throw new RangeError("The delay is NaN.");
    const handle = ++this.#armed;
    const due = this.#now + Math.min(Math.max(0, delay), LONGEST_TIMER);
    this.#timers.set(handle, { handle, due, callback });
    return handle;
  }

  /** Like `clearTimeout`: `undefined` and a fired timer are no-ops. */
  clearTimer(handle: unknown): void {
    if (handle === undefined) return;
    if (typeof handle !== "number") {
      throw new TypeError("clearTimer got a handle of another clock.");
    }
    this.#timers.delete(handle);
  }

  /** The same as `now()`, for the test itself: not counted in `reads`. */
  get time(): number {
    return this.#now;
  }

  /** Armed timers now. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, `undefined` when none is armed. */
  get nextAt(): number | undefined {
    return this.#first(Infinity)?.due;
  }

  /** How often `setTimer` was called. */
  get armed(): number {
    return this.#armed;
  }

  /** How often `now` was called. */
  get reads(): number {
    return this.#reads;
  }

  /** Moves time by `ms`, firing what falls due on the way, each at its time. */
  async advance(ms: number): Promise<void> {
    await this.advanceTo(this.#now + ms);
  }

  async advanceTo(time: number): Promise<void> {
    if (!Number.isFinite(time) || time < this.#now) {
      throw new RangeError(`Cannot advance from ${this.#now} to ${time}.`);
    }
    if (this.#advancing) throw new Error("The clock is advancing already.");
    this.#advancing = true;
    try {
      await this.#run(time);
    } finally {
      this.#advancing = false;
    }
  }

  /**
   * Moves time without firing anything: a stall of the event loop, or a
   * suspended machine. Timers that fell due fire, late, at the next `advance`.
   */
  jump(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new RangeError(`Cannot jump by ${ms} ms.`);
    }
    this.#now += ms;
  }

  /**
   * As `advance`, but within one turn: no promise chain runs between the
   * firings, as with a process that falls behind.
   */
  rush(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new RangeError(`Cannot rush by ${ms} ms.`);
    }
    const target = this.#now + ms;
    let firings = 0;
    for (
      let timer = this.#first(target);
      timer !== undefined;
      timer = this.#first(target)
    ) {
      firings = this.#fire(timer, firings);
    }
    this.#now = Math.max(this.#now, target);
  }

  /** Lets promise chains run, without moving time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await undefined;
  }

  async #run(target: number): Promise<void> {
    let firings = 0;
    await this.settle();
    for (
      let timer = this.#first(target);
      timer !== undefined;
      timer = this.#first(target)
    ) {
      firings = this.#fire(timer, firings);
      await this.settle();
    }
    // A callback may have jumped beyond the target.
    this.#now = Math.max(this.#now, target);
  }

  /** @returns How many timers have fired at this instant */
  #fire(timer: Timer, before: number): number {
    let firings = before + 1;
    if (timer.due > this.#now) {
      this.#now = timer.due;
      firings = 1;
    }
    if (firings > MAX_FIRINGS_PER_INSTANT) {
      throw new Error(
        `${MAX_FIRINGS_PER_INSTANT} timers fired at ${this.#now} without ` +
          "time moving: a timer re-arms itself with no delay.",
      );
    }
    this.#timers.delete(timer.handle);
    timer.callback();
    return firings;
  }

  #first(limit: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.due > limit) continue;
      if (first === undefined || timer.due < first.due) first = timer;
    }
    return first;
  }
}
