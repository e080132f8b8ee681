import type { Payload, Slot } from "../core/slot.ts";

/** Which lease a garbage-collected handle stood for. */
interface Held<P extends Payload> {
  readonly slot: Slot<P>;
  readonly lease: number;
}

/**
 * Notices handles that were garbage-collected unreleased (4.11).
 *
 * Handles come here at a maintenance tick only, so that a lease that is over
 * by then costs nothing. Nothing is taken out at a release: the number of a
 * released lease is dead, and with it the notice.
 */
export class Handles<P extends Payload> {
  readonly #registry: FinalizationRegistry<Held<P>>;

  constructor(onCollected: (slot: Slot<P>, lease: number) => void) {
    this.#registry = new FinalizationRegistry(({ slot, lease }) =>
      onCollected(slot, lease)
    );
  }

  add(handle: object, slot: Slot<P>): void {
    this.#registry.register(handle, { slot, lease: slot.lease });
  }
}
