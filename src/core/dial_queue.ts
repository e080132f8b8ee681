import type { Key } from "./key.ts";
import type { Payload } from "./slot.ts";

/**
 * The keys that could dial now, the one with the longest waiting waiter first:
 * an indexed binary heap, so that a key whose oldest waiter was served moves
 * in O(log keys), and a pool with one busy key pays nothing.
 */
export class DialQueue<P extends Payload> {
  readonly #keys: Key<P>[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get first(): Key<P> | undefined {
    return this.#keys[0];
  }

  /** The first key that fits. Only the neighbours of those that do not are looked at. */
  firstWhere(isFit: (key: Key<P>) => boolean): Key<P> | undefined {
    return this.#firstBelow(0, isFit);
  }

  /** Adds the key, or moves it to the place of its new rank. */
  put(key: Key<P>, rank: number): void {
    if (key.queueIndex < 0) {
      key.rank = rank;
      key.queueIndex = this.#keys.length;
      this.#keys.push(key);
      this.#rise(key);
    } else if (rank !== key.rank) {
      const rose = rank < key.rank;
      key.rank = rank;
      if (rose) this.#rise(key);
      else this.#sink(key);
    }
  }

  /** Takes the key out, if it is in. */
  remove(key: Key<P>): void {
    const index = key.queueIndex;
    if (index < 0) return;
    key.queueIndex = -1;
    const last = this.#keys.pop();
    if (last === undefined || last === key) return;
    last.queueIndex = index;
    this.#keys[index] = last;
    this.#rise(last);
    this.#sink(last);
  }

  #firstBelow(
    index: number,
    isFit: (key: Key<P>) => boolean,
  ): Key<P> | undefined {
    const key = this.#keys[index];
    if (key === undefined || isFit(key)) return key;
    const left = this.#firstBelow(2 * index + 1, isFit);
    const right = this.#firstBelow(2 * index + 2, isFit);
    if (left === undefined || right === undefined) return left ?? right;
    return left.rank < right.rank ? left : right;
  }

  // Indexes below the length are read only, so every `!` stands for a key.
  #rise(key: Key<P>): void {
    let index = key.queueIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#keys[parentIndex]!;
      if (parent.rank <= key.rank) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(key, index);
  }

  #sink(key: Key<P>): void {
    const { length } = this.#keys;
    let index = key.queueIndex;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      const right = childIndex + 1;
      if (
        right < length && this.#keys[right]!.rank < this.#keys[childIndex]!.rank
      ) {
        childIndex = right;
      }
      const child = this.#keys[childIndex]!;
      if (child.rank >= key.rank) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(key, index);
  }

  #place(key: Key<P>, index: number): void {
    this.#keys[index] = key;
    key.queueIndex = index;
  }
}
