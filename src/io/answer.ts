/**
 * The two ends of a waiting acquire: its promise, and the one function that
 * settles it.
 *
 * @module
 */
import type { IoPayload } from "./payload.ts";

type Answer<Handle> = (outcome: Handle | PromiseLike<Handle>) => void;

function unused(): void {}

/**
 * Makes the promises of acquires that wait, with an executor that they share:
 * a closure for each, with what it captures, costs as much as its waiter.
 */
export class AnswerSource<Handle extends object> {
  #answer: Answer<Handle> = unused;
  readonly #executor = (answer: Answer<Handle>): void => {
    this.#answer = answer;
  };

  /** Makes a promise. Its function has to be taken before the next is made. */
  make(): Promise<Handle> {
    return new Promise(this.#executor);
  }

  /** The function that settles the promise made last. It is not kept: with it, a handle that the user has forgotten would be (4.11). */
  take(): IoPayload<unknown, unknown>["answer"] {
    const answer = this.#answer;
    this.#answer = unused;
    return answer;
  }
}

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
