import { type Limits, tickInterval } from "./limits.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import type { SlotTable } from "./slot_table.ts";

/** Share of the interval by which probes of connections born together are spread. */
const PROBE_SPREAD = 0.1;

/** Stands for "never": a connection of which nothing is known since a standstill. Finite, so that two of them can be compared. */
const UNPROVEN = -Number.MAX_VALUE;

/** What upkeep may have done; each changes the books at once. */
export interface UpkeepHands<P extends Payload> {
  retire(slot: Slot<P>, reason: "idle"): void;
  probe(slot: Slot<P>): void;
}

/**
 * The maintenance tick: idle ages and probes.
 *
 * Ages are measured from the last tick, so that granting and returning a
 * connection reads no clock. A stamp may be one tick old; therefore an age
 * must exceed its limit by a tick, and no connection is retired early.
 */
export class Upkeep<P extends Payload> {
  readonly #limits: Limits;
  readonly #slots: SlotTable<P>;
  readonly #hands: UpkeepHands<P>;
  readonly #interval: number;
  #tickAt = Infinity;
  #tickedAt = -Infinity;

  constructor(limits: Limits, slots: SlotTable<P>, hands: UpkeepHands<P>) {
    this.#limits = limits;
    this.#slots = slots;
    this.#hands = hands;
    this.#interval = tickInterval(limits);
  }

  /** When the next tick is due, `Infinity` while no connection is open. */
  get tickAt(): number {
    return this.#tickAt;
  }

  get isTicking(): boolean {
    return this.#tickAt !== Infinity;
  }

  /** The time of the last tick. */
  get tickedAt(): number {
    return this.#tickedAt;
  }

  start(now: number): void {
    if (this.isTicking) return;
    this.#tickedAt = now;
    this.#tickAt = now + this.#interval;
  }

  stop(): void {
    this.#tickAt = Infinity;
  }

  tick(now: number): void {
    this.#tickedAt = now;
    const oldest = now - this.#limits.maxIdleTime - this.#interval;
    for (const slot of this.#slots.all) {
      if (slot.state === SlotState.idle && slot.idleSince <= oldest) {
        this.#hands.retire(slot, "idle");
      }
    }
    this.probeDue();
    this.#tickAt = this.#isNeeded ? now + this.#interval : Infinity;
  }

  /** Leased connections need it too: their handles are registered, and their last messages dated, by the tick. */
  get #isNeeded(): boolean {
    const { size, connecting, closing } = this.#slots;
    return size > connecting.size + closing;
  }

  /** Starts the probes that are due, a few at once: those that were silent longest. */
  probeDue(): void {
    const { healthCheckInterval, maxProbing } = this.#limits;
    const room = maxProbing - this.#slots.probing;
    if (healthCheckInterval === Infinity || room <= 0) return;
    const due: Slot<P>[] = [];
    for (const slot of this.#slots.all) {
      if (slot.state !== SlotState.idle) continue;
      const silent = this.#tickedAt - slot.checkedAt;
      const spread = 1 - PROBE_SPREAD * slot.spread;
      if (silent >= healthCheckInterval * spread) due.push(slot);
    }
    due.sort((one, other) => one.checkedAt - other.checkedAt);
    for (const slot of due.slice(0, room)) {
      slot.checkedAt = this.#tickedAt;
      this.#hands.probe(slot);
    }
  }

  /** Takes a standstill out of the ages, and has every idle connection probed once. */
  restamp(late: number): void {
    // What ends before the next tick is dated by this one.
    this.#tickedAt += late;
    for (const slot of this.#slots.all) {
      const { state } = slot;
      if (state !== SlotState.idle && state !== SlotState.probing) continue;
      slot.idleSince += late;
      // A probe under way is proof enough.
      if (state === SlotState.idle) slot.checkedAt = UNPROVEN;
      else slot.checkedAt += late;
    }
  }
}
