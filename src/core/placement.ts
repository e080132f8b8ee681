import type { DialScheduler } from "./dial_scheduler.ts";
import type { Ledger } from "./ledger.ts";
import type { Payload, Slot } from "./slot.ts";
import type { Waiter } from "./waiter.ts";

/** Where a connection goes that is free to be used: every opened, released, reset or probed one passes here. */
export class Placement<P extends Payload> {
  readonly #ledger: Ledger<P>;
  readonly #scheduler: DialScheduler<P>;

  constructor(ledger: Ledger<P>, scheduler: DialScheduler<P>) {
    this.#ledger = ledger;
    this.#scheduler = scheduler;
  }

  /** To a waiter, to rest, or out. */
  place(slot: Slot<P>): void {
    const ledger = this.#ledger;
    if (slot.doom !== undefined) {
      ledger.retire(slot, slot.doom);
    } else {
      const { key } = slot;
      const waiter = slot.isUnused ? key.oldestWaiter : key.waiters.first;
      if (waiter === undefined) {
        ledger.rest(slot);
      } else if (this.#scheduler.isOwedBefore(waiter, slot)) {
        ledger.retire(slot, "evicted");
      } else {
        this.#grant(slot, waiter);
      }
    }
  }

  #grant(slot: Slot<P>, waiter: Waiter<P>): void {
    const { queue, now, actions } = this.#ledger;
    queue.noteGrant(waiter);
    queue.remove(waiter);
    this.#ledger.lease(slot);
    queue.refresh(slot.key, now);
    actions.push({ kind: "grant", slot, lease: slot.lease, waiter });
  }
}
