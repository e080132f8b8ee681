import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import {
  binaryFrame,
  type Bytes,
  closeCodeOf,
  closeFrame,
  encodeFrame,
  type Frame,
  FrameParser,
  joinBytes,
  opcodes,
  textFrame,
} from "./frames.ts";
import {
  type AcceptOptions,
  acceptResponse,
  type HandshakeRequest,
  statusResponse,
} from "./handshake.ts";
import type { Watch } from "./watch.ts";

function isCloseFrame([first]: Uint8Array): boolean {
  return first === (0x80 | opcodes.close);
}

/**
 * The server's end of one TCP connection whose opening request was read.
 *
 * Writes resolve when the kernel took the bytes, and also when the connection
 * went away first; they never reject.
 */
export class RawPeer {
  readonly request: HandshakeRequest;
  readonly path: string;
  /** Every frame the client sent, control frames included. */
  readonly frames: Frame[] = [];
  /** Whole messages, joined from their fragments. */
  readonly messages: (string | Bytes)[] = [];
  /** Whether each text and binary frame is sent back. */
  echoes = false;
  /** Whether the client's close frame is answered with one. */
  answersClose = true;
  /** Whether FIN follows the close handshake, and answers the client's FIN. */
  sendsFin = true;

  readonly #socket: Socket;
  readonly #watch: Watch;
  readonly #onEnd: () => void;
  readonly #parser = new FrameParser();
  #fragments: Frame[] = [];
  #closeSent = false;
  #closeCode: number | undefined;
  #finReceived = false;

  constructor(
    request: HandshakeRequest,
    socket: Socket,
    watch: Watch,
    onEnd: () => void,
  ) {
    this.request = request;
    this.path = request.path;
    this.#socket = socket;
    this.#watch = watch;
    this.#onEnd = onEnd;
  }

  /** Whether the TCP connection still exists on this side. */
  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** The code in the client's close frame, 1005 if empty. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** Whether the client ended its half of the connection. */
  get finReceived(): boolean {
    return this.#finReceived;
  }

  /** Resolves when the condition holds for this peer. */
  until(condition: () => boolean, limit?: number): Promise<void> {
    return this.#watch.until(condition, limit);
  }

  accept(options: AcceptOptions = {}): Promise<void> {
    const head = Buffer.from(acceptResponse(this.request, options), "latin1");
    return this.write(head, ...options.followedBy ?? []);
  }

  /** Answers the request with a status, then FIN. */
  async reject(
    status: number,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const response = Buffer.from(statusResponse(status, headers), "latin1");
    const written = this.write(response);
    // Not after the write: the client may dial again before it resolves.
    this.#onEnd();
    await written;
    this.fin();
  }

  text(text: string): Promise<void> {
    return this.write(textFrame(text));
  }

  binary(payload: Uint8Array): Promise<void> {
    return this.write(binaryFrame(payload));
  }

  ping(payload = ""): Promise<void> {
    const bytes = new TextEncoder().encode(payload);
    return this.write(encodeFrame(opcodes.ping, bytes));
  }

  /** Sends a close frame; FIN follows the client's answer (`sendsFin`). */
  close(code?: number, reason?: string): Promise<void> {
    this.#closeSent = true;
    return this.write(closeFrame(code, reason));
  }

  /** Bytes as they are: several frames, half a frame, no frame at all. */
  write(...parts: readonly Uint8Array[]): Promise<void> {
    if (!this.#socket.writable) return Promise.resolve();
    // A peer that closes twice is a fault of its own, which Chromium minds.
    this.#closeSent ||= parts.some(isCloseFrame);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.write(joinBytes(parts), () => resolve());
    return promise;
  }

  /** Ends this half of the connection without a close frame. */
  fin(): void {
    this.#onEnd();
    this.#socket.end();
  }

  /** Sends RST. Bytes the kernel has not sent are gone: await the writes. */
  reset(): void {
    this.#onEnd();
    this.#socket.resetAndDestroy();
  }

  /** Stops reading, as a frozen process does: the client's buffers fill. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** For the server: bytes came in after the opening request. */
  receive(chunk: Uint8Array): void {
    for (const frame of this.#parser.push(chunk)) this.#take(frame);
    this.#watch.changed();
  }

  /** For the server: FIN came in. */
  receiveFin(): void {
    this.#finReceived = true;
    if (this.sendsFin) this.fin();
    this.#watch.changed();
  }

  #take(frame: Frame): void {
    this.frames.push(frame);
    if (frame.opcode === opcodes.close) {
      this.#takeClose(frame);
    } else if (frame.opcode === opcodes.ping) {
      this.write(encodeFrame(opcodes.pong, frame.payload));
    } else if (frame.opcode !== opcodes.pong) {
      this.#takeFragment(frame);
    }
  }

  #takeClose(frame: Frame): void {
    this.#closeCode = closeCodeOf(frame);
    if (!this.#closeSent) {
      if (!this.answersClose) return;
      this.#closeSent = true;
      this.write(encodeFrame(opcodes.close, frame.payload));
    }
    this.#onEnd();
    if (this.sendsFin) this.fin();
  }

  #takeFragment(frame: Frame): void {
    this.#fragments.push(frame);
    if (!frame.final) return;
    // The first says the type, the others are continuations.
    const opcode = this.#fragments.at(0)?.opcode ?? frame.opcode;
    const payload = joinBytes(this.#fragments.map((part) => part.payload));
    this.#fragments = [];
    this.messages.push(
      opcode === opcodes.text ? new TextDecoder().decode(payload) : payload,
    );
    if (this.echoes) this.write(encodeFrame(opcode, payload));
  }
}
