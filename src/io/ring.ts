const SMALLEST = 16;

/** A queue in an array that is used round and round: no shifting, no allocation per item. */
export class Ring<T> {
  #items: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = item;
    this.#size++;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#size--;
    return item;
  }

  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    this.#size--;
    const index = (this.#head + this.#size) & (this.#items.length - 1);
    const item = this.#items[index];
    this.#items[index] = undefined;
    return item;
  }

  /** Empties it and gives the memory back. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#size = 0;
  }

  /** The length stays a power of two, so that a mask does for the remainder. */
  #grow(): void {
    const { length } = this.#items;
    const grown: (T | undefined)[] = new Array(Math.max(SMALLEST, length * 2));
    for (let index = 0; index < this.#size; index++) {
      grown[index] = this.#items[(this.#head + index) & (length - 1)];
    }
    this.#items = grown;
    this.#head = 0;
  }
}
