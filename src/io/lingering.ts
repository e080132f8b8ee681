import type { Socket, SocketOwner } from "./socket.ts";

/** A socket that nobody uses any more and that is not closed: its end is awaited, nothing else. */
export class LingeringSocket implements SocketOwner {
  readonly #socket: Socket;
  readonly #onLate: () => void;
  readonly #onEnd: (lingering: LingeringSocket) => void;

  /**
   * @param onLate A message came that is for nobody any more
   * @param onEnd It is closed
   */
  constructor(
    socket: Socket,
    onLate: () => void,
    onEnd: (lingering: LingeringSocket) => void,
  ) {
    this.#socket = socket;
    this.#onLate = onLate;
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
    this.#onLate();
  }

  socketReceivedLate(): void {
    this.#onLate();
  }

  socketPonged(): void {
    // Its answers tell nothing any more.
  }

  socketClosed(): void {
    this.#onEnd(this);
  }
}
