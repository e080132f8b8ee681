/** Wide, as machines are shared: a wait that is met takes milliseconds. */
const DEFAULT_LIMIT = 20_000;

interface Waiter {
  readonly condition: () => boolean;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Lets a test wait until something it can observe is true, without sleeping:
 * the owner says when anything changed, and only then conditions are looked at.
 */
export class Watch implements Disposable {
  readonly #waiters = new Set<Waiter>();
  #disposed = false;

  /** To be called after every change that a condition may depend on. */
  changed(): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.condition()) waiter.resolve();
    }
  }

  /**
   * Resolves when the condition holds; rejects after `limit` real ms, so that
   * a test whose event never comes fails with the condition's source.
   */
  until(condition: () => boolean, limit = DEFAULT_LIMIT): Promise<void> {
    if (condition()) return Promise.resolve();
    if (this.#disposed) return Promise.reject(disposedError(condition));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
      finish();
    };
    const waiter: Waiter = {
      condition,
      resolve: () => settle(resolve),
      reject: (error) => settle(() => reject(error)),
    };
    const timer = setTimeout(() => {
      waiter.reject(new Error(`Not true within ${limit} ms: ${condition}`));
    }, limit);
    this.#waiters.add(waiter);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const waiter of [...this.#waiters]) {
      waiter.reject(disposedError(waiter.condition));
    }
  }
}

function disposedError(condition: () => boolean): Error {
  return new Error(`The watched object went away before: ${condition}`);
}
