/** The event classes of a socket, as in `WebSocketEventMap`. */
interface SocketEvents {
  readonly open: Event;
  readonly message: MessageEvent;
  readonly error: Event;
  readonly close: CloseEvent;
  readonly pong: MessageEvent;
}

interface Registration {
  readonly type: string;
  readonly callback: EventListenerOrEventListenerObject;
  readonly capture: boolean;
  readonly once: boolean;
}

function isCapture(options?: boolean | EventListenerOptions): boolean {
  const { capture = options === true }: EventListenerOptions = Object(options);
  return Boolean(capture);
}

/**
 * A real `EventTarget` that also knows how many listeners it has, so that a
 * test can show that none was left behind.
 */
export class CountingEventTarget extends EventTarget {
  #registrations: Registration[] = [];

  /** Listeners of one type, or of all types. */
  listenerCount(type?: string): number {
    if (type === undefined) return this.#registrations.length;
    return this.#registrations.filter((entry) => entry.type === type).length;
  }

  override addEventListener<Type extends keyof SocketEvents>(
    type: Type,
    callback: (event: SocketEvents[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, callback, options);
    const { once = false, signal }: AddEventListenerOptions = Object(options);
    const capture = isCapture(options);
    if (callback === null || signal?.aborted) return;
    if (this.#find(type, callback, capture) !== undefined) return;
    const registration = { type, callback, capture, once };
    this.#registrations.push(registration);
    // Deno removes an aborted listener through `removeEventListener`, others
    // behind its back.
    signal?.addEventListener("abort", () => this.#forget(registration), {
      once: true,
    });
  }

  override removeEventListener<Type extends keyof SocketEvents>(
    type: Type,
    callback: (event: SocketEvents[Type]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, callback, options);
    if (callback === null) return;
    const found = this.#find(type, callback, isCapture(options));
    if (found !== undefined) this.#forget(found);
  }

  override dispatchEvent(event: Event): boolean {
    // The platform removes a `once` listener before it calls it.
    this.#registrations = this.#registrations.filter((entry) =>
      entry.type !== event.type || !entry.once
    );
    return super.dispatchEvent(event);
  }

  #find(
    type: string,
    callback: EventListenerOrEventListenerObject,
    capture: boolean,
  ): Registration | undefined {
    return this.#registrations.find((entry) =>
      entry.type === type && entry.callback === callback &&
      entry.capture === capture
    );
  }

  #forget(registration: Registration): void {
    this.#registrations = this.#registrations.filter((entry) =>
      entry !== registration
    );
  }
}
