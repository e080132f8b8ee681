/**
 * Who waits under which signal: one listener per signal, however many wait.
 *
 * Removing a listener is linear in the listeners of its signal on every
 * runtime, which would make ten thousand waiters under one signal quadratic.
 */
export class AbortWatch<T> {
  readonly #onAbort: (item: T, reason: unknown) => void;
  readonly #watched: Map<AbortSignal, { items: Set<T>; listener: () => void }> =
    new Map();

  constructor(onAbort: (item: T, reason: unknown) => void) {
    this.#onAbort = onAbort;
  }

  /** Watches a signal that has not aborted, if there is one, for an item. */
  add(signal: AbortSignal | undefined, item: T): void {
    if (signal === undefined) return;
    const watched = this.#watched.get(signal);
    if (watched !== undefined) {
      watched.items.add(item);
      return;
    }
    const items = new Set([item]);
    const listener = () => {
      // Still on the record while they are told: one of them may be answered meanwhile, and removed.
      for (const each of items) this.#onAbort(each, signal.reason);
      this.#watched.delete(signal);
    };
    // First what may throw: a signal that has no listener is not watched.
    signal.addEventListener("abort", listener, { once: true });
    this.#watched.set(signal, { items, listener });
  }

  remove(signal: AbortSignal | undefined, item: T): void {
    if (signal === undefined) return;
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    watched.items.delete(item);
    if (watched.items.size > 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener("abort", watched.listener);
  }
}
