/**
 * Collects what would end a process: rejections that nobody handles, and what
 * listeners of an `EventTarget` throw.
 */
export class Unhandled implements Disposable {
  readonly seen: unknown[] = [];
  readonly #onRejection = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    this.seen.push(event.reason);
  };
  readonly #onError = (event: ErrorEvent): void => {
    event.preventDefault();
    this.seen.push(event.error);
  };

  constructor() {
    addEventListener("unhandledrejection", this.#onRejection);
    addEventListener("error", this.#onError);
  }

  /** What was seen by now: the runtime tells of rejections after a turn. */
  async take(): Promise<unknown[]> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    return this.seen.splice(0);
  }

  [Symbol.dispose](): void {
    removeEventListener("unhandledrejection", this.#onRejection);
    removeEventListener("error", this.#onError);
  }
}
