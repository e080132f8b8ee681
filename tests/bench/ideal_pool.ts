import type { FakeSocket } from "../support/fake_socket.ts";

/** A lease that can be given back once. */
export class IdealLease {
  readonly socket: FakeSocket;
  readonly #pool: IdealPool;
  #isReleased = false;

  constructor(pool: IdealPool, socket: FakeSocket) {
    this.#pool = pool;
    this.socket = socket;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#pool.restore(this.socket);
  }
}

interface Waiter {
  readonly resolve: (lease: IdealLease) => void;
  next: Waiter | undefined;
}

/**
 * The least that hands sockets out and takes them back, newest first, with a
 * queue: no keys, limits, deadlines, signals, counters or checks. What the
 * library is measured against; nobody should use it.
 */
export class IdealPool {
  readonly #idle: FakeSocket[];
  #first: Waiter | undefined;
  #last: Waiter | undefined;

  constructor(sockets: readonly FakeSocket[]) {
    this.#idle = [...sockets];
  }

  acquire(): Promise<IdealLease> {
    const socket = this.#idle.pop();
    if (socket !== undefined) {
      return Promise.resolve(new IdealLease(this, socket));
    }
    return new Promise((resolve) => {
      const waiter: Waiter = { resolve, next: undefined };
      if (this.#last === undefined) this.#first = waiter;
      else this.#last.next = waiter;
      this.#last = waiter;
    });
  }

  restore(socket: FakeSocket): void {
    const waiter = this.#first;
    if (waiter === undefined) {
      this.#idle.push(socket);
      return;
    }
    this.#first = waiter.next;
    if (this.#first === undefined) this.#last = undefined;
    waiter.resolve(new IdealLease(this, socket));
  }
}

/** The least that makes an async iterator of a socket's messages. */
export class IdealReader implements AsyncIterableIterator<unknown> {
  readonly #messages: unknown[] = [];
  #head = 0;
  #resolve: ((result: IteratorResult<unknown>) => void) | undefined;

  constructor(socket: FakeSocket) {
    socket.addEventListener("message", (event) => {
      if (event instanceof MessageEvent) this.#push(event.data);
    });
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#head < this.#messages.length) {
      const value = this.#messages[this.#head++];
      if (this.#head === this.#messages.length) {
        this.#messages.length = this.#head = 0;
      }
      return Promise.resolve({ value, done: false });
    }
    return new Promise((resolve) => this.#resolve = resolve);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    return this;
  }

  #push(value: unknown): void {
    const resolve = this.#resolve;
    if (resolve === undefined) {
      this.#messages.push(value);
    } else {
      this.#resolve = undefined;
      resolve({ value, done: false });
    }
  }
}
