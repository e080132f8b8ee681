import { DrainAlarm } from "./alarms.ts";
import type { Ledger } from "./ledger.ts";
import type { Redials } from "./redials.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";

const { idle, leased, probing, resetting } = SlotState;

/** The end of the pool: leases may drain, everything else goes at once. */
export class Shutdown<P extends Payload> {
  readonly #ledger: Ledger<P>;
  readonly #redials: Redials<P>;
  #drain: DrainAlarm | undefined;
  #drained = 0;
  #forced = 0;

  constructor(ledger: Ledger<P>, redials: Redials<P>) {
    this.#ledger = ledger;
    this.#redials = redials;
  }

  begin(drainTimeout: number): void {
    const ledger = this.#ledger;
    ledger.phase = "draining";
    ledger.doomAll("closed");
    ledger.abandonOverdue();
    for (const key of ledger.keys.clearFailures()) ledger.settleBooks(key);
    for (const slot of [...ledger.slots.connecting]) ledger.abortDial(slot);
    for (const slot of [...ledger.slots.all]) {
      const { state } = slot;
      if (state === idle || state === probing || state === resetting) {
        ledger.retire(slot, "closed");
      } else if (slot.redial !== "none") {
        // Nothing is dialled any more: there is nothing to drain.
        this.#revoke(slot);
      }
    }
    ledger.endRateWait();
    if (drainTimeout === 0) {
      this.revokeLeases();
    } else if (drainTimeout !== Infinity) {
      this.#drain = new DrainAlarm(ledger.now + drainTimeout);
      ledger.deadlines.add(this.#drain);
    }
  }

  noteRelease(): void {
    if (this.#ledger.phase === "draining") this.#drained++;
  }

  /** The time to drain is over: whoever still holds a connection loses it. */
  revokeLeases(): void {
    const ledger = this.#ledger;
    for (const slot of [...ledger.slots.all]) {
      if (slot.state === leased) this.#revoke(slot);
    }
  }

  #revoke(slot: Slot<P>): void {
    const lease = slot.lease++;
    this.#forced++;
    this.#ledger.actions.push({ kind: "revoke", slot, lease });
    if (slot.redial === "none") this.#ledger.retire(slot, "closed");
    else this.#redials.drop(slot, "closed");
  }

  finishIfEmpty(): void {
    const ledger = this.#ledger;
    if (ledger.phase !== "draining" || ledger.slots.size > 0) return;
    ledger.phase = "closed";
    if (this.#drain !== undefined) ledger.deadlines.cancel(this.#drain);
    ledger.upkeep.stop();
    ledger.actions.push({
      kind: "closed",
      drained: this.#drained,
      forced: this.#forced,
    });
  }
}
