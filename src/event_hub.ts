import type { PoolEventType } from "./events.ts";
import { callGuarded } from "./thrown.ts";

/** What `addEventListener` takes. */
export type Listener = EventListenerOrEventListenerObject;

/** One registered listener: the same may be there for the bubbling and for the capturing phase. */
interface Registration {
  readonly listener: Listener;
  readonly capture: boolean;
  readonly wrapped: (event: Event) => void;
  readonly forget: () => void;
}

/**
 * The pool's listeners: each is wrapped so that what it throws, or rejects
 * with, is reported and reaches neither the pool nor the process; and it is
 * known who is there, so that no event object is built that nobody listens for.
 */
export class EventHub {
  /** Tells all who listen to its type. */
  readonly emit: (event: Event) => void;
  readonly #report: (type: string, thrown: unknown) => void;
  /** Called when listeners have come or gone. */
  onChange: () => void = () => {};
  /** By type; one that nobody listens to has no entry. */
  readonly #registered: Map<string, readonly Registration[]> = new Map();

  constructor(
    emit: (event: Event) => void,
    report: (type: string, thrown: unknown) => void,
  ) {
    this.emit = emit;
    this.#report = report;
  }

  /** Whether anybody listens. */
  wants(type: PoolEventType): boolean {
    return this.#registered.has(type);
  }

  /** Registers a listener. @returns What to hand to the platform, undefined for a listener that it would ignore */
  add(
    type: string,
    listener: Listener,
    options: boolean | AddEventListenerOptions | undefined,
  ): ((event: Event) => void) | undefined {
    const { capture, once, signal } = readOptions(options);
    if (signal?.aborted || this.#find(type, listener, capture)) {
      return undefined;
    }
    const forget = () => {
      this.#set(type, this.#of(type).filter((one) => one !== registration));
      signal?.removeEventListener("abort", forget);
    };
    const wrapped = (event: Event) => {
      if (once) forget();
      callGuarded(
        () =>
          typeof listener === "function"
            ? listener.call(event.currentTarget, event)
            : listener.handleEvent(event),
        (thrown) => this.#report(type, thrown),
      );
    };
    const registration = { listener, capture, wrapped, forget };
    // First what may throw: nobody is registered whom the platform does not know.
    signal?.addEventListener("abort", forget);
    this.#set(type, [...this.#of(type), registration]);
    return wrapped;
  }

  /** Takes a listener out. @returns What was handed to the platform */
  remove(
    type: string,
    listener: Listener,
    options: boolean | EventListenerOptions | undefined,
  ): ((event: Event) => void) | undefined {
    const { capture } = readOptions(options);
    const registration = this.#find(type, listener, capture);
    registration?.forget();
    return registration?.wrapped;
  }

  #set(type: string, registrations: readonly Registration[]): void {
    if (registrations.length > 0) this.#registered.set(type, registrations);
    else this.#registered.delete(type);
    this.onChange();
  }

  #of(type: string): readonly Registration[] {
    return this.#registered.get(type) ?? [];
  }

  #find(
    type: string,
    listener: Listener,
    capture: boolean,
  ): Registration | undefined {
    return this.#of(type).find((each) =>
      each.listener === listener && each.capture === capture
    );
  }
}

/** As the platform reads them: a boolean is `capture`, and what is no object has no other option. */
function readOptions(
  options: boolean | AddEventListenerOptions | undefined,
): AddEventListenerOptions & { capture: boolean } {
  if (typeof options !== "object" || options === null) {
    // Named, so that nothing is found on `Object.prototype` in their place.
    return { capture: options === true, once: false, signal: undefined };
  }
  const { capture, once, signal } = options;
  return { capture: Boolean(capture), once, signal };
}
