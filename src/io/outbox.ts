import type { ResolvedWait } from "../call_options.ts";
import type { SendData } from "../options.ts";
import type { Agenda } from "./agenda.ts";
import { bounded } from "./bounded.ts";

/** What the outbox sends through. */
export interface Outlet {
  /** Whether a socket is open to take data. */
  readonly isOpen: boolean;
  readonly bufferedAmount: number;
  /** @throws {unknown} What the runtime throws for data it cannot send */
  transmit(data: SendData): void;
  /** Somebody waits for room: `flush` has to be called again soon. */
  flushSoon(): void;
}

/** A `send` that waits for room. */
export interface Sender {
  readonly data: SendData;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

const sent: Promise<void> = Promise.resolve();

/** Stands for those who wait until somebody does: nearly always there is room. */
const nobody: Set<Sender> = new Set();

/**
 * Sending with back-pressure: a message goes out when the socket holds no more
 * unsent bytes than `highWaterMark`, and in the order of the calls.
 */
export class Outbox {
  readonly #outlet: Outlet;
  readonly #highWaterMark: number;
  #senders: Set<Sender> = nobody;

  constructor(outlet: Outlet, highWaterMark: number) {
    this.#outlet = outlet;
    this.#highWaterMark = highWaterMark;
  }

  get isWaiting(): boolean {
    return this.#senders.size > 0;
  }

  /** Whether a message would go out at once. */
  get hasRoom(): boolean {
    return this.#senders.size === 0 && this.#outlet.isOpen &&
      this.#outlet.bufferedAmount <= this.#highWaterMark;
  }

  /** Sends now, or joins those who wait. @returns A promise for the hand-over to the socket */
  send(data: SendData): Promise<void> {
    try {
      if (this.trySend(data)) return sent;
    } catch (error) {
      return Promise.reject(error);
    }
    return this.wait(data).promise;
  }

  /** Sends within bounds: of a wait that ends early nothing is sent. */
  sendBounded(
    data: SendData,
    wait: ResolvedWait | undefined,
    { agenda, shown }: { readonly agenda: Agenda; readonly shown: string },
  ): Promise<void> {
    if (wait === undefined) return this.send(data);
    if (wait.signal?.aborted) return Promise.reject(wait.signal.reason);
    try {
      if (this.trySend(data)) return sent;
    } catch (error) {
      return Promise.reject(error);
    }
    const { promise, cancel } = this.wait(data);
    const attempted = `No room to send to ${shown}`;
    return bounded(agenda, wait, attempted, promise, cancel);
  }

  /** Sends if there is room. @returns Whether it did */
  trySend(data: SendData): boolean {
    if (!this.hasRoom) return false;
    this.#outlet.transmit(data);
    return true;
  }

  /** Waits for room; `cancel` ends the wait with a reason, unsent. */
  wait(
    data: SendData,
  ): { promise: Promise<void>; cancel: (reason: unknown) => void } {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sender: Sender = { data, resolve, reject };
    if (this.#senders === nobody) this.#senders = new Set();
    this.#senders.add(sender);
    if (this.#outlet.isOpen) this.#outlet.flushSoon();
    return {
      promise,
      cancel: (reason) => {
        if (this.#senders.delete(sender)) reject(reason);
      },
    };
  }

  /** Sends what there is room for. */
  flush(): void {
    for (const sender of this.#senders) {
      if (
        !this.#outlet.isOpen ||
        this.#outlet.bufferedAmount > this.#highWaterMark
      ) break;
      this.#senders.delete(sender);
      try {
        this.#outlet.transmit(sender.data);
        sender.resolve();
      } catch (error) {
        // Data the runtime refuses fails its own send only.
        sender.reject(error);
      }
    }
    // Between two sockets there is nothing to look at: the next one flushes.
    if (this.#senders.size > 0 && this.#outlet.isOpen) this.#outlet.flushSoon();
  }

  /** Refuses everybody who waits. */
  fail(reason: Error): void {
    const senders = [...this.#senders];
    this.#senders.clear();
    for (const sender of senders) sender.reject(reason);
  }
}
