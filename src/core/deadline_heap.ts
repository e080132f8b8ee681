import { type Ranked, RankedHeap } from "./ranked_heap.ts";

/** Deadlines, ranked by their times in ms of the pool's clock. */
export class DeadlineHeap<T extends Ranked> extends RankedHeap<T> {
  /** The earliest deadline, `Infinity` when there is none. */
  get nextAt(): number {
    return this.first?.rank ?? Infinity;
  }

  /** Adds what knows its time already. */
  add(entry: T): void {
    this.put(entry, entry.rank);
  }

  /** Takes out the earliest entry due at `now` or before. */
  takeDue(now: number): T | undefined {
    const { first } = this;
    if (first === undefined || first.rank > now) return undefined;
    this.remove(first);
    return first;
  }
}
