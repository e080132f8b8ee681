/** Uses of what costs time or memory, counted. */
export interface RuntimeUses {
  timers: number;
  clockReads: number;
  controllers: number;
  signals: number;
  signalListeners: number;
}

interface Patch {
  readonly owner: object;
  readonly name: string;
  /** Undefined where the owner had inherited it. */
  readonly original: PropertyDescriptor | undefined;
}

/**
 * Counts the uses of the runtime's timers, clocks and abort signals, until it
 * is disposed of: then everything is as it was.
 */
export class RuntimeSpy implements Disposable {
  readonly uses: RuntimeUses = {
    timers: 0,
    clockReads: 0,
    controllers: 0,
    signals: 0,
    signalListeners: 0,
  };
  readonly #patches: Patch[] = [];

  constructor() {
    this.#count(globalThis, "setTimeout", "timers");
    this.#count(globalThis, "setInterval", "timers");
    this.#count(performance, "now", "clockReads");
    this.#count(Date, "now", "clockReads");
    for (const name of ["timeout", "any", "abort"]) {
      this.#count(AbortSignal, name, "signals");
    }
    this.#count(AbortSignal.prototype, "addEventListener", "signalListeners");
    this.#countControllers();
  }

  [Symbol.dispose](): void {
    for (const { owner, name, original } of this.#patches.reverse()) {
      if (original === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, original);
    }
  }

  #count(owner: object, name: string, use: keyof RuntimeUses): void {
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== "function") throw new TypeError(`No ${name}`);
    const { uses } = this;
    this.#replace(owner, name, function (this: unknown, ...args: unknown[]) {
      uses[use]++;
      return Reflect.apply(original, this, args);
    });
  }

  #countControllers(): void {
    const { uses } = this;
    class CountedController extends AbortController {
      constructor() {
        super();
        uses.controllers++;
      }
    }
    this.#replace(globalThis, "AbortController", CountedController);
  }

  #replace(owner: object, name: string, value: unknown): void {
    const original = Object.getOwnPropertyDescriptor(owner, name);
    this.#patches.push({ owner, name, original });
    Object.defineProperty(owner, name, {
      value,
      writable: true,
      configurable: true,
    });
  }
}
