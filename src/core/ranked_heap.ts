/** What an item needs to be a member of a {@linkcode RankedHeap}. */
export interface Ranked {
  /** The lower, the nearer to the front. */
  rank: number;
  /** Position in its heap, -1 outside. */
  heapIndex: number;
}

/**
 * A binary heap whose items know their places: an item changes its rank, or
 * leaves from anywhere, in O(log n). An item is in one such heap at most.
 */
export class RankedHeap<T extends Ranked> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** The rank of the first, `Infinity` when there is none. */
  get firstRank(): number {
    return this.first?.rank ?? Infinity;
  }

  /** The first item that fits. Only the neighbours of those that do not are looked at. */
  firstWhere(isFit: (item: T) => boolean): T | undefined {
    return this.#firstBelow(0, isFit);
  }

  /** Adds the item, or moves it to the place of its new rank; one that is not in may bring its rank along. */
  put(item: T, rank = item.rank): void {
    if (item.heapIndex < 0) {
      item.rank = rank;
      item.heapIndex = this.#items.length;
      this.#items.push(item);
      this.#rise(item);
    } else if (rank !== item.rank) {
      const rose = rank < item.rank;
      item.rank = rank;
      if (rose) this.#rise(item);
      else this.#sink(item);
    }
  }

  /** Takes the item out, if it is in. */
  remove(item: T): void {
    const index = item.heapIndex;
    if (index < 0) return;
    item.heapIndex = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    last.heapIndex = index;
    this.#items[index] = last;
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out the first item, if its rank is no higher than `rank`. */
  takeUpTo(rank: number): T | undefined {
    const { first } = this;
    if (first === undefined || first.rank > rank) return undefined;
    this.remove(first);
    return first;
  }

  #firstBelow(index: number, isFit: (item: T) => boolean): T | undefined {
    const item = this.#items[index];
    if (item === undefined || isFit(item)) return item;
    const left = this.#firstBelow(2 * index + 1, isFit);
    const right = this.#firstBelow(2 * index + 2, isFit);
    if (left === undefined || right === undefined) return left ?? right;
    return left.rank < right.rank ? left : right;
  }

  // Indexes below the length are read only, so every `!` stands for an item.
  #rise(item: T): void {
    let index = item.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#items[parentIndex]!;
      if (parent.rank <= item.rank) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(item, index);
  }

  #sink(item: T): void {
    const { length } = this.#items;
    let index = item.heapIndex;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= length) break;
      const right = childIndex + 1;
      if (
        right < length &&
        this.#items[right]!.rank < this.#items[childIndex]!.rank
      ) {
        childIndex = right;
      }
      const child = this.#items[childIndex]!;
      if (child.rank >= item.rank) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(item, index);
  }

  #place(item: T, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
