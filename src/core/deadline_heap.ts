/** Something that is due at a time unless it was cancelled before. */
export interface Due {
  /** When it is due, in ms of the pool's clock. */
  readonly at: number;
  /** Cleared by {@linkcode DeadlineHeap.cancel}; a dead entry is never returned. */
  live: boolean;
}

/** Below this many dead entries a sweep costs more than it frees. */
const SWEEP_MINIMUM = 32;

/**
 * A binary heap of deadlines. Cancelling is O(1): the entry is only marked,
 * and the heap is rebuilt when more than half of it is dead, so a hand-over to
 * one of many waiters does not pay for a removal in the middle.
 */
export class DeadlineHeap<T extends Due> {
  #entries: T[] = [];
  #dead = 0;

  /** Live entries. */
  get size(): number {
    return this.#entries.length - this.#dead;
  }

  /**
   * A time no later than the earliest live deadline, `Infinity` when there is
   * none. It may be that of a dead entry: to be called once for nothing costs
   * less than to keep the front alive with every cancellation.
   */
  get nextAt(): number {
    const top = this.#entries[0];
    return top === undefined ? Infinity : top.at;
  }

  add(entry: T): void {
    this.#entries.push(entry);
    this.#rise(this.#entries.length - 1);
  }

  /** Marks an entry of this heap as dead. Harmless when it is already. */
  cancel(entry: T): void {
    if (!entry.live) return;
    entry.live = false;
    this.#dead++;
    const { length } = this.#entries;
    if (this.#dead === length) {
      this.#entries = [];
      this.#dead = 0;
    } else if (this.#dead > SWEEP_MINIMUM && this.#dead * 2 > length) {
      this.#sweep();
    }
  }

  /** Takes out the earliest live entry due at `now` or before. */
  takeDue(now: number): T | undefined {
    const top = this.#top();
    if (top === undefined || top.at > now) return undefined;
    this.#removeTop();
    top.live = false;
    return top;
  }

  #top(): T | undefined {
    for (;;) {
      const top = this.#entries[0];
      if (top === undefined || top.live) return top;
      this.#removeTop();
      this.#dead--;
    }
  }

  #removeTop(): void {
    const last = this.#entries.pop();
    if (last === undefined || this.#entries.length === 0) return;
    this.#entries[0] = last;
    this.#sink(0);
  }

  #sweep(): void {
    this.#entries = this.#entries.filter((entry) => entry.live);
    this.#dead = 0;
    for (let index = (this.#entries.length >> 1) - 1; index >= 0; index--) {
      this.#sink(index);
    }
  }

  // Only indexes below `length` are read in the two loops below, so every `!`
  // stands for an entry that exists.
  #rise(start: number): void {
    const entries = this.#entries;
    const entry = entries[start]!;
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = entries[parentIndex]!;
      if (parent.at <= entry.at) break;
      entries[index] = parent;
      index = parentIndex;
    }
    entries[index] = entry;
  }

  #sink(start: number): void {
    const entries = this.#entries;
    const entry = entries[start]!;
    const { length } = entries;
    let index = start;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      const right = childIndex + 1;
      if (right < length && entries[right]!.at < entries[childIndex]!.at) {
        childIndex = right;
      }
      const child = entries[childIndex]!;
      if (child.at >= entry.at) break;
      entries[index] = child;
      index = childIndex;
    }
    entries[index] = entry;
  }
}
