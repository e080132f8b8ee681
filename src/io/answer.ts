/** An answer that is no handle: a promise that is resolved with it is rejected with its reason, one microtask later. */
export class Rejection implements PromiseLike<never> {
  readonly #reason: unknown;

  constructor(reason: unknown) {
    this.#reason = reason;
  }

  then<Fulfilled = never, Rejected = never>(
    _onFulfilled?: unknown,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): PromiseLike<Fulfilled | Rejected> {
    onRejected?.(this.#reason);
    return this;
  }
}
