import {
  type Clock,
  systemEnvironment,
  type TimerHandle,
} from "../../src/io/clock.ts";

/** The system's clock, with a count of the timers that are set. */
export class CountingClock implements Clock {
  readonly #set = new Set<TimerHandle>();

  /** Timers that are set and have neither fired nor been cleared. */
  get timers(): number {
    return this.#set.size;
  }

  now(): number {
    return systemEnvironment.clock.now();
  }

  setTimer(callback: () => void, delay: number): TimerHandle {
    const handle = systemEnvironment.clock.setTimer(() => {
      this.#set.delete(handle);
      callback();
    }, delay);
    this.#set.add(handle);
    return handle;
  }

  clearTimer(handle: TimerHandle): void {
    this.#set.delete(handle);
    systemEnvironment.clock.clearTimer(handle);
  }
}
