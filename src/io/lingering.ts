import type { Socket, SocketOwner } from "./socket.ts";

/** A socket that nobody uses any more and that is not closed: its end is awaited, nothing else. */
export class LingeringSocket implements SocketOwner {
  readonly #socket: Socket;
  readonly #onEnd: (lingering: LingeringSocket) => void;

  constructor(
    socket: Socket,
    onEnd: (lingering: LingeringSocket) => void,
  ) {
    this.#socket = socket;
    this.#onEnd = onEnd;
    socket.handOver(this);
  }

  /** Begins the close handshake, if it has not begun. The end may be reported within the call. */
  close(code: number): void {
    this.#socket.close(code, "");
  }

  /** Ends it where that is possible. */
  abandon(): void {
    this.#socket.abandon();
  }

  /** Lets go of it for good. */
  detach(): void {
    this.#socket.detach();
  }

  socketOpened(): void {
    // A dial that was given up: `close` is on its way.
  }

  socketReceived(): void {
    // What comes now is for nobody.
  }

  socketReceivedLate(): void {
    // As above.
  }

  socketPonged(): void {
    // As above.
  }

  socketClosed(): void {
    this.#onEnd(this);
  }
}
