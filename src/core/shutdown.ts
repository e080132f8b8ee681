import { DrainAlarm } from "./alarms.ts";
import type { Ledger } from "./ledger.ts";
import { type Payload, SlotState } from "./slot.ts";

const { idle, leased, probing, resetting } = SlotState;

/** The end of the pool: leases may drain, everything else goes at once. */
export class Shutdown<P extends Payload> {
  readonly #ledger: Ledger<P>;
  #drain: DrainAlarm | undefined;
  #drained = 0;
  #forced = 0;

  constructor(ledger: Ledger<P>) {
    this.#ledger = ledger;
  }

  begin(drainTimeout: number): void {
    const ledger = this.#ledger;
    ledger.phase = "draining";
    ledger.abandonOverdue();
    for (const key of ledger.keys.clearFailures()) ledger.settleBooks(key);
    for (const slot of [...ledger.slots.connecting]) ledger.abortDial(slot);
    for (const slot of [...ledger.slots.all]) {
      const { state } = slot;
      if (state === idle || state === probing || state === resetting) {
        ledger.retire(slot, "closed");
      }
    }
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
      if (slot.state !== leased) continue;
      ledger.actions.push({ kind: "revoke", slot, lease: slot.lease++ });
      this.#forced++;
      ledger.retire(slot, "closed");
    }
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
