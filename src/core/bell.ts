import type { Alarm } from "./alarms.ts";
import type { Ledger } from "./ledger.ts";
import type { Redials } from "./redials.ts";
import type { Refusals } from "./refusals.ts";
import type { Shutdown } from "./shutdown.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import type { Warming } from "./warming.ts";

const { connecting, idle, leased, probing, resetting, closing } = SlotState;

/** Whose business deadlines are. */
interface Deciders<P extends Payload> {
  readonly refusals: Refusals<P>;
  readonly warming: Warming<P>;
  readonly redials: Redials<P>;
  readonly shutdown: Shutdown<P>;
}

/** What each deadline means when it has come. */
export class Bell<P extends Payload> {
  readonly #ledger: Ledger<P>;
  readonly #parts: Deciders<P>;

  constructor(ledger: Ledger<P>, parts: Deciders<P>) {
    this.#ledger = ledger;
    this.#parts = parts;
  }

  /** Does what is due. */
  ring(alarm: Alarm<P>): void {
    switch (alarm.kind) {
      case "cohort":
        for (const waiter of alarm.waiters) this.#parts.refusals.expire(waiter);
        break;
      case "warmer":
        this.#parts.warming.end(alarm);
        break;
      case "slot":
        this.#ringSlot(alarm.slot);
        break;
      case "lifetime":
        this.#expire(alarm.slot);
        break;
      case "redial":
        this.#parts.redials.ring(alarm.slot);
        break;
      case "rate":
        this.#ledger.endRateWait();
        break;
      case "backoff":
        alarm.key.wake = undefined;
        this.#ledger.queue.refresh(alarm.key, this.#ledger.now);
        break;
      case "drain":
        this.#parts.shutdown.revokeLeases();
    }
  }

  /** A leased connection that can go on over another socket does; the others leave when nobody holds them. */
  #expire(slot: Slot<P>): void {
    slot.doom ??= "lifetime";
    if (slot.state === idle) this.#ledger.retire(slot, "lifetime");
    else if (slot.redial === "none" && this.#parts.redials.canReconnect(slot)) {
      this.#parts.redials.rotate(slot);
    }
  }

  #ringSlot(slot: Slot<P>): void {
    const { actions } = this.#ledger;
    slot.alarm = undefined;
    switch (slot.state) {
      case connecting:
        actions.push({ kind: "abort-dial", slot, why: "timeout" });
        break;
      case leased:
        actions.push({ kind: "leak", slot });
        break;
      case probing:
      case resetting:
        actions.push({ kind: "abort-hook", slot });
        break;
      case closing:
        this.#ledger.abandon(slot);
    }
  }
}
