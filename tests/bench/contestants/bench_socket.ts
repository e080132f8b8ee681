import type {
  SendData,
  SocketEvent,
  SocketEventType,
  WebSocketLike,
} from "../../../mod.ts";

type Listener = (event: SocketEvent) => void;
/** What the standard takes besides a function. */
interface ListenerObject {
  handleEvent(event: SocketEvent): void;
}

/**
 * The cheapest thing that passes for a client's `WebSocket`: one listener per
 * event, no copies, no checks. It opens, and answers a close, in a microtask.
 */
export class BenchSocket implements WebSocketLike {
  readonly bufferedAmount = 0;
  readonly protocol = "";
  readyState = 0;
  binaryType = "blob";
  readonly #listeners = new Map<SocketEventType, Listener>();
  #hear: Listener | undefined;

  /** Like the constructor, for a pool's `websocket.factory`. */
  static readonly open = (): BenchSocket => new BenchSocket();

  constructor() {
    queueMicrotask(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.#raise({ type: "open" });
    });
  }

  send(_data: SendData): void {}

  close(code = 1000, reason = ""): void {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    queueMicrotask(() => {
      this.readyState = 3;
      this.#raise({ type: "close", code, reason, wasClean: true });
    });
  }

  addEventListener(
    type: SocketEventType,
    listener: Listener | ListenerObject,
  ): void {
    const hear: Listener = typeof listener === "function"
      ? listener
      : (event) => listener.handleEvent(event);
    this.#listeners.set(type, hear);
    if (type === "message") this.#hear = hear;
  }

  removeEventListener(type: SocketEventType): void {
    this.#listeners.delete(type);
    if (type === "message") this.#hear = undefined;
  }

  /** A message comes in. */
  deliver(data: unknown): void {
    this.#hear?.({ type: "message", data });
  }

  #raise(event: SocketEvent & { readonly type: SocketEventType }): void {
    this.#listeners.get(event.type)?.(event);
  }
}
