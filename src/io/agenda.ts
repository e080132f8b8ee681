import { type Ranked, RankedHeap } from "../core/ranked_heap.ts";
import type { Clock, TimerHandle } from "./clock.ts";

/** A call that is due at a time. */
export interface Appointment extends Ranked {
  readonly ring: () => void;
}

/** What the agenda keeps time for beside its own appointments. */
export interface Timekeeper {
  /** When `advance` is due, `Infinity` for never. */
  readonly nextAt: number;
  advance(now: number): void;
  /** The process stood still for `late` ms. */
  stalled(late: number): void;
}

/** A timer this late means that the process stood still (blocked, stopped, suspended). */
const STALL = 1_000;

/** After a standstill, what waits in the runtime's queues is heard for this long before anything is declared late. */
const GRACE = 50;

/**
 * The pool's one timer, set for the next moment at which anything is due.
 *
 * - A later deadline than the one set leaves the timer alone: it fires once
 *   for nothing, which costs less than setting it anew.
 * - None is set while nothing is due.
 */
export class Agenda {
  readonly clock: Clock;
  readonly #timekeeper: Timekeeper;
  readonly #appointments: RankedHeap<Appointment> = new RankedHeap();
  readonly #onTimer: () => void;
  #timer: TimerHandle | undefined;
  #timerAt = Infinity;
  #graceUntil = -Infinity;

  constructor(clock: Clock, timekeeper: Timekeeper) {
    this.clock = clock;
    this.#timekeeper = timekeeper;
    this.#onTimer = () => {
      this.#timer = undefined;
      this.#timerAt = Infinity;
      this.catchUp(this.clock.now());
      this.arm();
    };
  }

  /** Has `ring` called `delay` ms from now, unless cancelled. */
  after(delay: number, ring: () => void): Appointment {
    return this.at(this.clock.now() + delay, ring);
  }

  /** Has `ring` called at a time, unless cancelled. */
  at(time: number, ring: () => void): Appointment {
    const appointment = { rank: time, heapIndex: -1, ring };
    this.#appointments.put(appointment);
    this.arm();
    return appointment;
  }

  cancel(appointment: Appointment): void {
    this.#appointments.remove(appointment);
    if (this.#nextAt === Infinity) this.#disarm();
  }

  /** Does what is due at `now`. Called with every input too, since timers of a hidden tab come late. */
  catchUp(now: number): void {
    const due = this.#nextAt;
    if (due > now) return;
    if (now - due >= STALL && now > this.#graceUntil + STALL) {
      this.#graceUntil = now + GRACE;
      this.#timekeeper.stalled(now - due);
    }
    if (now < this.#graceUntil) return;
    if (this.#timekeeper.nextAt <= now) this.#timekeeper.advance(now);
    let appointment = this.#appointments.takeUpTo(now);
    while (appointment !== undefined) {
      appointment.ring();
      appointment = this.#appointments.takeUpTo(now);
    }
  }

  /** Sets the timer for what is due next. Called after everything that may have changed that. */
  arm(): void {
    const at = Math.max(this.#nextAt, this.#graceUntil);
    if (at >= this.#timerAt && at !== Infinity) return;
    this.#disarm();
    if (at === Infinity) return;
    const delay = Math.max(0, at - this.clock.now());
    this.#timerAt = at;
    this.#timer = this.clock.setTimer(this.#onTimer, delay);
  }

  /** Forgets everything: no timer remains. */
  stop(): void {
    while (this.#appointments.takeUpTo(Infinity) !== undefined);
    this.#disarm();
  }

  get #nextAt(): number {
    return Math.min(this.#timekeeper.nextAt, this.#appointments.firstRank);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }
}
