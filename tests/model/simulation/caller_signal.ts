/** A caller's signal that knows how many listeners the pool has on it. */
export class CallerSignal {
  readonly #controller: AbortController = new AbortController();
  #listeners = 0;
  /** What it aborts with: nothing else may come of it. */
  readonly reason: Error;

  constructor(name: string) {
    this.reason = new Error(name);
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (
      type: string,
      listener: EventListenerOrEventListenerObject,
      options?: boolean | AddEventListenerOptions,
    ) => {
      this.#listeners++;
      add(type, listener, options);
    };
    signal.removeEventListener = (
      type: string,
      listener: EventListenerOrEventListenerObject,
    ) => {
      this.#listeners--;
      remove(type, listener);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.signal.aborted;
  }

  /** Once aborted it holds on to nobody: its listeners are called once. */
  get listeners(): number {
    return this.aborted ? 0 : this.#listeners;
  }

  abort(): void {
    this.#controller.abort(this.reason);
  }
}
