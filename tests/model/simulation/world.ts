import { VirtualClock } from "../../support/virtual_clock.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** Lines of the past that a failure shows. */
const MEMORY = 120;

/** How long after a standstill nothing need be punctual, in ms: the pool's own grace, and one more. */
const LENIENCE = 51;

interface Plan {
  readonly at: number;
  readonly happen: () => void;
}

/** What every part of a simulation shares: time, chance, and the record of what happened. */
export class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly random: Random;
  readonly tally: Tally;
  /** Whether the faults have stopped. */
  isCalm = false;
  /** How many calls of user code the present one is within. */
  depth = 0;
  /** Whether all is done that can be done without time. */
  isSettled = true;
  /** Messages that reached the client so far: what comes before what. */
  deliveries = 0;
  /** Till when nothing need be punctual, and when the process last stood still. */
  lenientUntil = -Infinity;
  stalledAt = -Infinity;
  #violation: Error | undefined;
  readonly #plans: Plan[] = [];
  readonly #lines: string[] = [];

  constructor(random: Random, tally: Tally) {
    this.random = random;
    this.tally = tally;
  }

  get now(): number {
    return this.clock.time;
  }

  /** Has something happen `delay` ms from now. */
  after(delay: number, happen: () => void): void {
    const plan = { at: this.now + delay, happen };
    // After those of the same time: what was planned first happens first.
    let index = this.#plans.length;
    while (index > 0 && (this.#plans[index - 1]?.at ?? 0) > plan.at) index--;
    this.#plans.splice(index, 0, plan);
  }

  /** When the next thing happens that is planned. */
  get nextAt(): number {
    return this.#plans[0]?.at ?? Infinity;
  }

  happenNext(): void {
    this.#plans.shift()?.happen();
  }

  /** The process stands still: timers fire late. */
  stall(duration: number): void {
    this.clock.jump(duration);
    this.stalledAt = this.now;
    this.lenientUntil = this.now + LENIENCE;
  }

  note(line: string): void {
    this.#lines.push(`${Math.round(this.now * 100) / 100} ${line}`);
    if (this.#lines.length > 2 * MEMORY) this.#lines.splice(0, MEMORY);
  }

  /** The last lines of the record. */
  get trace(): string[] {
    return this.#lines.slice(-MEMORY);
  }

  /** Notes that a promise of the pool is broken. Not thrown: the pool catches what user code throws. */
  violated(promise: string): void {
    this.note(`VIOLATION ${promise}`);
    this.#violation ??= new Error(promise);
  }

  expect(holds: boolean, promise: string): void {
    if (!holds) this.violated(promise);
  }

  /** @throws {Error} The first promise that was broken */
  verify(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }
}
