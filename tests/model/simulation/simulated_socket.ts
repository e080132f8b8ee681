import {
  FakeSocket,
  type FakeSocketOptions,
  type SendData,
} from "../../support/fake_socket.ts";

/** Who is at the other end of a simulated socket. */
export interface FarEnd {
  /** The client has handed data over that goes out. */
  heard(data: SendData): void;
  /** The client has begun the close handshake of an open socket. */
  closing(code: number, reason: string): void;
  /** The client has given up a handshake. */
  givenUp(): void;
}

const CONNECTING = 0;
const OPEN = 1;

/** A socket whose peer is told what the client does with it, and answers in its own time. */
export class SimulatedSocket extends FakeSocket {
  readonly #farEnd: FarEnd;

  constructor(url: string, options: FakeSocketOptions, farEnd: FarEnd) {
    super(url, options);
    this.#farEnd = farEnd;
    // In its own time, not in a microtask.
    this.answersClose = false;
  }

  override send(data: SendData): void {
    super.send(data);
    if (this.readyState === OPEN) this.#farEnd.heard(data);
  }

  override close(code?: number, reason?: string): void {
    const before = this.readyState;
    super.close(code, reason);
    if (before === CONNECTING) this.#farEnd.givenUp();
    if (before === OPEN) this.#farEnd.closing(code ?? 1005, reason ?? "");
  }
}
