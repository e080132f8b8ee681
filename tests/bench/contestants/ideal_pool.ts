/** A lease that can be given back once. */
export class IdealLease<Resource> implements Disposable, AsyncDisposable {
  readonly resource: Resource;
  readonly #pool: IdealPool<Resource>;
  #isReleased = false;

  constructor(pool: IdealPool<Resource>, resource: Resource) {
    this.#pool = pool;
    this.resource = resource;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#pool.restore(this.resource);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.release();
    return settled;
  }
}

const settled = Promise.resolve();

interface Waiter<Resource> {
  readonly resolve: (lease: IdealLease<Resource>) => void;
  next: Waiter<Resource> | undefined;
}

/**
 * The least that hands resources out and takes them back, newest first, with a
 * queue: no keys, limits, deadlines, signals, counters or checks. What the
 * library is measured against; nobody should use it.
 */
export class IdealPool<Resource> {
  readonly #idle: Resource[];
  #first: Waiter<Resource> | undefined;
  #last: Waiter<Resource> | undefined;

  constructor(resources: readonly Resource[]) {
    this.#idle = [...resources];
  }

  /** Resources that are not lent. */
  get idle(): number {
    return this.#idle.length;
  }

  acquire(): Promise<IdealLease<Resource>> {
    const resource = this.#idle.pop();
    if (resource !== undefined) {
      return Promise.resolve(new IdealLease(this, resource));
    }
    return new Promise((resolve) => {
      const waiter: Waiter<Resource> = { resolve, next: undefined };
      if (this.#last === undefined) this.#first = waiter;
      else this.#last.next = waiter;
      this.#last = waiter;
    });
  }

  restore(resource: Resource): void {
    const waiter = this.#first;
    if (waiter === undefined) {
      this.#idle.push(resource);
      return;
    }
    this.#first = waiter.next;
    if (this.#first === undefined) this.#last = undefined;
    waiter.resolve(new IdealLease(this, resource));
  }
}
