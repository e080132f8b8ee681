/** Counts messages as they are read, and tells when all that were expected are. */
export class Tally {
  /** The message that was read last. */
  last: unknown;
  #left = 0;
  #resolve: () => void = () => {};

  /** Resolves when as many messages were read from here on. */
  expect(count: number): Promise<void> {
    this.#left = count;
    return new Promise((resolve) => this.#resolve = resolve);
  }

  /** To be called for each message. */
  readonly read = (message: unknown): void => {
    this.last = message;
    if (--this.#left === 0) this.#resolve();
  };
}
