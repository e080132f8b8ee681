import type {
  SocketEvent,
  SocketEventType,
  WebSocketLike,
} from "../options.ts";

/** How a socket ended. */
export interface SocketEnd {
  /** The close code, 1006 where there was none. */
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** Who is told what happens on a socket. */
export interface SocketOwner {
  socketOpened(): void;
  socketReceived(data: unknown): void;
  /** A message came after `close`: some runtimes go on delivering. */
  socketReceivedLate(): void;
  /** The peer answered a ping frame. */
  socketPonged(): void;
  /** Exactly once, whatever the runtime does: the socket is closed. */
  socketClosed(end: SocketEnd): void;
}

/** The standard's number for an open socket's `readyState`. */
const OPEN = 1;

/** `cancelled`: on its way out, and never was open. */
type State = "connecting" | "cancelled" | "open" | "closing" | "closed";

/**
 * One socket, from its constructor to its end, over the runtimes' differences:
 *
 * - The state only goes forward, and is our own: a runtime's `readyState` can
 *   stay at 2 for ever after a close (Node).
 * - `close` is the only end; `error` is a hint that some leave out (Bun,
 *   Chromium). `close` may come twice (Deno), within `close()` itself (Node),
 *   or never, which is for the owner to time.
 * - An abnormal end is code 1006, also where the runtime says 0 (Deno).
 */
export class Socket {
  readonly #raw: WebSocketLike;
  #owner: SocketOwner;
  /** One function for all events but pongs: cheaper than a closure for each. */
  readonly #listener = (event: SocketEvent): void => {
    // Only messages have data: to read an event's `type` costs as much as to hand a message over.
    const { data } = event;
    if (data === undefined || data === null) this.#hear(event);
    else if (this.#state === "open") this.#owner.socketReceived(data);
    else this.#owner.socketReceivedLate();
  };
  /** Made when a pong is expected for the first time. */
  #onPong: (() => void) | undefined;
  #state: State = "connecting";
  #end: SocketEnd | undefined;

  constructor(raw: WebSocketLike, owner: SocketOwner) {
    this.#raw = raw;
    this.#owner = owner;
  }

  /**
   * Begins to hear the socket, which may tell something within the call.
   *
   * @throws {unknown} If it cannot be listened to: then it is closed, and let go
   */
  listen(): void {
    try {
      const raw = this.#raw;
      // Nothing follows from it, but an emitter, be it wrapped, ends the process where nobody hears it.
      if (isForeign(raw)) raw.addEventListener("error", ignore);
      // Messages can come with the handshake's answer: listeners first.
      raw.addEventListener("open", this.#listener);
      raw.addEventListener("message", this.#listener);
      raw.addEventListener("close", this.#listener);
      raw.binaryType = "arraybuffer";
    } catch (error) {
      // What cannot be listened to would stay open with nobody to count it.
      this.#stopListening(true);
      this.close(1_000, "");
      this.detach();
      throw error;
    }
  }

  /** Lets somebody else hear what becomes of it. */
  handOver(owner: SocketOwner): void {
    this.#owner = owner;
  }

  /** The runtime's own, or a factory's. */
  get raw(): WebSocketLike {
    return this.#raw;
  }

  /** Whether a ping frame can be sent. */
  get canPing(): boolean {
    return typeof this.#raw.ping === "function";
  }

  ping(): void {
    this.hearPongs();
    try {
      this.#raw.ping?.();
    } catch {
      // A socket on its way out: its silence will tell.
    }
  }

  /** Has pongs told, where the runtime tells them. */
  hearPongs(): void {
    const raw = this.#raw;
    try {
      if (this.#onPong !== undefined || !this.canPing) return;
      this.#onPong = () => {
        if (this.#state === "open") this.#owner.socketPonged();
      };
      // npm `ws` has no DOM event for pongs; Bun has.
      if (typeof raw.on === "function") raw.on("pong", this.#onPong);
      else raw.addEventListener("pong", this.#onPong);
    } catch {
      // Whose pongs cannot be heard: its silence will tell.
    }
  }

  /** Whether it is open here, and by the runtime's word at this moment. */
  get isOpen(): boolean {
    return this.#state === "open" && isOpen(this.#raw);
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** How it ended, once that is known. */
  get end(): SocketEnd | undefined {
    return this.#end;
  }

  get protocol(): string {
    return this.#raw.protocol;
  }

  get bufferedAmount(): number {
    try {
      return this.#raw.bufferedAmount;
    } catch {
      // A socket that cannot say has no room.
      return Infinity;
    }
  }

  /** @throws {unknown} What the runtime throws for data it cannot send */
  send(data: Parameters<WebSocketLike["send"]>[0]): void {
    this.#raw.send(data);
  }

  /** Begins the close handshake, once. */
  close(code: number, reason: string): void {
    if (this.#state !== "connecting" && this.#state !== "open") return;
    // Before the call: the runtime may report the end within it.
    this.#leave();
    try {
      this.#raw.close(code, reason);
    } catch {
      // A socket that cannot even be closed is left to the owner's time limit.
    }
  }

  /** Gives the socket up: where it can be killed it is, else its end is still awaited. */
  abandon(): void {
    if (this.#state === "closed") return;
    this.#leave();
    if (typeof this.#raw.terminate !== "function") return;
    try {
      this.#raw.terminate();
    } catch {
      // As with `close`.
    }
    if (!this.isClosed) {
      this.detach();
      this.#tell({});
    }
  }

  /** Lets go of the socket: nothing of it is heard from here on. */
  detach(): void {
    // npm `ws` reports a dial that was given up in a later turn, and of an open
    // socket that was killed what it still had to inflate.
    const mayFail = this.#isNew ||
      (this.#state !== "closed" && isEmitter(this.#raw));
    this.#letGo(mayFail);
  }

  /** @param mayFail Whether it may still report an error */
  #letGo(mayFail: boolean): void {
    const isNew = this.#isNew;
    this.#state = "closed";
    this.#stopListening(isNew);
    if (!mayFail && isForeign(this.#raw)) this.#unlisten("error", ignore);
  }

  #stopListening(isNew: boolean): void {
    if (isNew) this.#unlisten("open");
    this.#unlisten("message");
    this.#unlisten("close");
    if (this.#onPong !== undefined) this.#unlisten("pong", this.#onPong);
  }

  #unlisten(type: SocketEventType, listener = this.#listener): void {
    try {
      this.#raw.removeEventListener(type, listener);
    } catch {
      // As above: the end has to be told all the same.
    }
  }

  #hear(event: SocketEvent): void {
    switch (event.type) {
      case "open":
        if (this.#state !== "connecting") return;
        this.#state = "open";
        this.#unlisten("open");
        this.#owner.socketOpened();
        return;
      case "message":
        // Without data: not for the pool to understand.
        if (this.#state === "open") this.#owner.socketReceived(undefined);
        else this.#owner.socketReceivedLate();
        return;
      case "close":
        if (this.#state === "closed") return;
        this.#letGo(false);
        this.#tell(event);
    }
  }

  /** Whether it has never been open, and is not closed. */
  get #isNew(): boolean {
    return this.#state === "connecting" || this.#state === "cancelled";
  }

  #leave(): void {
    this.#state = this.#isNew ? "cancelled" : "closing";
  }

  #tell(event: EndEvent): void {
    const end = this.#end = readEnd(event);
    this.#owner.socketClosed(end);
  }
}

/** Whether a socket is open, by the runtime's word at this moment. */
export function isOpen(raw: WebSocketLike | undefined): boolean {
  try {
    return raw !== undefined && raw.readyState === OPEN;
  } catch {
    return false;
  }
}

/** Whether a socket is open, with no more than `limit` bytes unsent. */
export function hasRoom(
  raw: WebSocketLike | undefined,
  limit: number,
): boolean {
  try {
    return raw !== undefined && raw.readyState === OPEN &&
      raw.bufferedAmount <= limit;
  } catch {
    // A socket that cannot say has no room.
    return false;
  }
}

/** Holds on to nothing: it may stay on a socket that was given up. */
function ignore(): void {}

function isEmitter(raw: WebSocketLike): boolean {
  try {
    return typeof raw.on === "function";
  } catch {
    return true;
  }
}

/** Whether a socket is another than the runtime's own, which may report errors unheard. */
function isForeign(raw: WebSocketLike): boolean {
  return typeof WebSocket !== "function" || !(raw instanceof WebSocket);
}

/** What a runtime tells of an end, if anything. */
type EndEvent = Pick<SocketEvent, "code" | "reason" | "wasClean">;

function readEnd({ code, reason, wasClean }: EndEvent): SocketEnd {
  const known = code !== undefined && code !== 0 && code !== 1006;
  return {
    code: known ? code : 1006,
    reason: reason ?? "",
    wasClean: known && wasClean === true,
  };
}
