import type { PoolEventType } from "./events.ts";

/** What `addEventListener` takes. */
export type Listener = EventListenerOrEventListenerObject;

/** One registered listener. */
interface Registration {
  readonly wrapped: (event: Event) => void;
  readonly forget: () => void;
}

/**
 * The pool's listeners: each is wrapped so that what it throws, or rejects
 * with, is reported and reaches neither the pool nor the process; and they are
 * counted, so that no event object is built that nobody listens for.
 */
export class EventHub {
  readonly #dispatch: (event: Event) => void;
  readonly #report: (type: string, thrown: unknown) => void;
  /** By type, then by listener: one for the bubbling, one for the capturing phase, as in the standard. */
  readonly #registered: Map<string, Map<Listener, Registration>[]> = new Map();
  #size = 0;

  constructor(
    dispatch: (event: Event) => void,
    report: (type: string, thrown: unknown) => void,
  ) {
    this.#dispatch = dispatch;
    this.#report = report;
  }

  wants(type: PoolEventType): boolean {
    if (this.#size === 0) return false;
    const phases = this.#registered.get(type);
    return phases !== undefined && phases.some((phase) => phase.size > 0);
  }

  emit(event: Event): void {
    this.#dispatch(event);
  }

  /** Registers a listener. @returns What to hand to the platform, undefined for a listener that it would ignore */
  add(
    type: string,
    listener: Listener,
    options: boolean | AddEventListenerOptions | undefined,
  ): ((event: Event) => void) | undefined {
    const { capture, once, signal } = readOptions(options);
    const phase = this.#phase(type, capture);
    if (phase.has(listener) || signal?.aborted) return undefined;
    const forget = () => {
      if (phase.delete(listener)) this.#size--;
      signal?.removeEventListener("abort", forget);
    };
    const wrapped = (event: Event) => {
      if (once) forget();
      this.#call(listener, event);
    };
    phase.set(listener, { wrapped, forget });
    this.#size++;
    signal?.addEventListener("abort", forget, { once: true });
    return wrapped;
  }

  /** Takes a listener out. @returns What was handed to the platform */
  remove(
    type: string,
    listener: Listener,
    options: boolean | EventListenerOptions | undefined,
  ): ((event: Event) => void) | undefined {
    const phase = this.#phase(type, readOptions(options).capture);
    const registration = phase.get(listener);
    registration?.forget();
    return registration?.wrapped;
  }

  #phase(type: string, capture: boolean): Map<Listener, Registration> {
    const phases = this.#registered.get(type) ?? [new Map(), new Map()];
    this.#registered.set(type, phases);
    // There are two of them.
    return phases[capture ? 1 : 0]!;
  }

  #call(listener: Listener, event: Event): void {
    try {
      const result: unknown = typeof listener === "function"
        ? listener.call(event.currentTarget, event)
        : listener.handleEvent(event);
      if (result instanceof Promise) {
        result.catch((reason) => this.#report(event.type, reason));
      }
    } catch (error) {
      this.#report(event.type, error);
    }
  }
}

function readOptions(
  options: boolean | AddEventListenerOptions | undefined,
): { capture: boolean; once: boolean; signal: AbortSignal | undefined } {
  if (typeof options !== "object" || options === null) {
    return { capture: options === true, once: false, signal: undefined };
  }
  const { capture, once, signal } = options;
  return { capture: capture === true, once: once === true, signal };
}
