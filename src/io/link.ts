import type { HeartbeatPolicy } from "../core/heartbeat.ts";
import type { SendData, WebSocketLike } from "../options.ts";
import type { Agenda } from "./agenda.ts";
import { sizeOf } from "./codec.ts";
import { LingeringSocket } from "./lingering.ts";
import { type Patient, Pulse } from "./pulse.ts";
import { Socket, type SocketEnd, type SocketOwner } from "./socket.ts";

/** Who uses a link. */
export interface LinkOwner {
  /** Whether somebody holds the connection. */
  readonly isLeased: boolean;
  /** Whether the application has a message to ping with. */
  readonly hasPing: boolean;
  linkReceived(data: unknown): void;
  linkReceivedLate(): void;
  /** The present socket has closed. */
  linkClosed(end: SocketEnd): void;
  /** The peer has fallen silent: the socket is open and of no use. */
  linkSilent(silence: number): void;
  /** A ping to send as a message, if the application has one. */
  makePing(): SendData | undefined;
}

/**
 * The way to the peer, over one socket at a time: waits for their opening,
 * keeps their heartbeat, and leaves a dead one behind.
 */
export class Link implements SocketOwner, Patient {
  readonly #owner: LinkOwner;
  #socket: Socket | undefined;
  #opening: PromiseWithResolvers<void> | undefined;
  #pulse: Pulse | undefined;
  /** Answered by the next sign of life: a probe. */
  #probe: ((isAlive: boolean) => void) | undefined;
  #latency: { last: number; sum: number; count: number } | undefined;

  constructor(owner: LinkOwner) {
    this.#owner = owner;
  }

  /** The present socket: the runtime's own, or a factory's. */
  get raw(): WebSocketLike | undefined {
    return this.#socket?.raw;
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen === true;
  }

  /** Whether there is no socket left to close. */
  get isClosed(): boolean {
    return this.#socket?.isClosed !== false;
  }

  get protocol(): string {
    return this.#socket?.protocol ?? "";
  }

  /** How the present socket ended, if it has. */
  get end(): SocketEnd | undefined {
    return this.#socket?.end;
  }

  get latency(): { readonly last: number; readonly mean: number } | undefined {
    if (this.#latency === undefined) return undefined;
    const { last, sum, count } = this.#latency;
    return Object.freeze({ last, mean: sum / count });
  }

  // Patient

  get unsent(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get isLeased(): boolean {
    return this.#owner.isLeased;
  }

  get canPing(): boolean {
    return this.#owner.hasPing || this.#socket?.canPing === true;
  }

  /** Forgets the socket before, which is closed or left. */
  reset(): void {
    this.#socket = undefined;
  }

  /** Waits for a new socket to open. @returns A promise that rejects if it closes first, or is given up */
  connect(raw: WebSocketLike, signal: AbortSignal): Promise<void> {
    // First this: there are sockets that tell at once when they are listened to.
    const { promise } = this.#opening = Promise.withResolvers<void>();
    this.#socket = new Socket(raw, this);
    try {
      this.#socket.listen();
    } catch (error) {
      this.giveUp(error);
    }
    // User code that made the socket may have given up what only now begins.
    if (signal.aborted) this.giveUp(signal.reason);
    return promise;
  }

  /** Waits no longer for the socket to open. */
  giveUp(reason: unknown): void {
    this.#opening?.reject(reason);
    this.#opening = undefined;
  }

  startPulse(agenda: Agenda, policy: HeartbeatPolicy): void {
    this.#socket?.hearPongs();
    this.#pulse = new Pulse(agenda, policy, this);
  }

  transmit(data: SendData): void {
    this.#socket?.send(data);
    if (this.#pulse !== undefined) this.#pulse.handed += sizeOf(data);
  }

  close(code: number, reason: string): void {
    this.#pulse?.stop();
    this.#socket?.close(code, reason);
  }

  /** Parts with the present socket, which may not be closed for long. */
  leave(
    onEnd: (lingering: LingeringSocket) => void,
  ): LingeringSocket | undefined {
    const socket = this.#socket;
    this.#pulse?.stop();
    if (socket === undefined || socket.isClosed) return undefined;
    this.#socket = undefined;
    const onLate = () => this.#owner.linkReceivedLate();
    return new LingeringSocket(socket, onLate, onEnd);
  }

  /** Asks for a sign of life. @returns Whether one came before the signal aborted */
  probe(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      this.#probe = resolve;
      signal.addEventListener("abort", () => this.#answerProbe(false), {
        once: true,
      });
      this.ping();
    });
  }

  ping(): void {
    const message = this.#owner.makePing();
    try {
      if (message !== undefined) this.#socket?.send(message);
      else this.#socket?.ping();
    } catch {
      // What cannot be sent brings no answer: the silence will tell.
    }
  }

  fellSilent(silence: number): void {
    this.#owner.linkSilent(silence);
  }

  /** The owner recognised the answer to a ping. */
  ponged(): void {
    const last = this.#pulse?.pong();
    if (last === undefined) return;
    const { sum, count } = this.#latency ?? { sum: 0, count: 0 };
    this.#latency = { last, sum: sum + last, count: count + 1 };
  }

  // Socket

  socketOpened(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  socketReceived(data: unknown): void {
    if (this.#pulse !== undefined) this.#pulse.heard++;
    this.#owner.linkReceived(data);
    if (this.#probe !== undefined) this.#answerProbe(true);
  }

  socketReceivedLate(): void {
    this.#owner.linkReceivedLate();
  }

  socketPonged(): void {
    if (this.#pulse !== undefined) this.#pulse.heard++;
    this.ponged();
    this.#answerProbe(true);
  }

  socketClosed(end: SocketEnd): void {
    this.#pulse?.stop();
    this.#answerProbe(false);
    // An error costs its stack: it is made only where somebody waits.
    if (this.#opening !== undefined) {
      this.giveUp(new Error("The socket closed before it was open"));
    }
    this.#owner.linkClosed(end);
  }

  #answerProbe(isAlive: boolean): void {
    const answer = this.#probe;
    this.#probe = undefined;
    answer?.(isAlive);
  }
}
