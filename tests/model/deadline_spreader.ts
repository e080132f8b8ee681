import type { Ledger } from "../../src/core/ledger.ts";
import type { BarePayload } from "../support/bare_core.ts";

/** In ms: less than what else keeps deadlines apart. */
const STEP = 2 ** -14;

/**
 * Moves each deadline of a slot a little, by the number of the slot. One input
 * may set several, which would ring in an order that is nobody's promise, and
 * that depends on what else is in the heap.
 */
export class DeadlineSpreader {
  readonly #known = new WeakSet<object>();

  spread({ slots, deadlines }: Ledger<BarePayload>): void {
    for (const { id, alarm, redial } of slots) {
      for (const each of [alarm, redial?.alarm]) {
        if (each === undefined || this.#known.has(each)) continue;
        this.#known.add(each);
        // One that has rung is in the heap no more.
        if (each.heapIndex >= 0) deadlines.put(each, each.rank + id * STEP);
      }
    }
  }
}
