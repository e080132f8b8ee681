/** What an item needs to be a member of a {@linkcode LinkedList}. */
export interface Link<T> {
  previous: T | undefined;
  next: T | undefined;
}

/**
 * A doubly linked list through its own items: no node is allocated, and an
 * item leaves from anywhere in O(1). An item is in one list at a time; who
 * holds the item knows whether it is in one.
 */
export class LinkedList<T extends Link<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get first(): T | undefined {
    return this.#first;
  }

  get last(): T | undefined {
    return this.#last;
  }

  get size(): number {
    return this.#size;
  }

  /** In order; the item that is visited may leave. */
  *[Symbol.iterator](): Iterator<T> {
    let item = this.#first;
    while (item !== undefined) {
      const { next } = item;
      yield item;
      item = next;
    }
  }

  push(item: T): void {
    const last = this.#last;
    item.previous = last;
    if (last === undefined) this.#first = item;
    else last.next = item;
    this.#last = item;
    this.#size++;
  }

  remove(item: T): void {
    const { previous, next } = item;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    item.previous = undefined;
    item.next = undefined;
    this.#size--;
  }
}
