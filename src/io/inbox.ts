import { InboxOverflowError, InvalidMessageError } from "../errors.ts";
import type { WireData } from "../options.ts";
import type { InboxLimits } from "../websocket_config.ts";
import { sizeOf } from "./codec.ts";
import { Ring } from "./ring.ts";

/** Why messages were dropped. */
export type GapReason = "overflow" | "invalid" | "unread" | "idle" | "late";

/** Who looks after an inbox. */
export interface InboxOwner {
  /** More is waiting than allowed: `judge` has to be called once the current turn is over. */
  judgeSoon(): void;
  dropped(count: number, reason: GapReason): void;
  /** Intake has stopped for good, under `overflow: "error"`. */
  overflowed(error: InboxOverflowError): void;
}

/** How a stream ended: in good order, or not. */
export interface StreamEnd {
  readonly error: Error;
  readonly clean: boolean;
}

/** A message that had to be decoded when it arrived. */
export class Decoded<Incoming> {
  readonly message: Incoming;
  readonly size: number;

  constructor(message: Incoming, size: number) {
    this.message = message;
    this.size = size;
  }
}

/** A message as it waits to be read. */
export type Letter<Incoming> = WireData | Decoded<Incoming>;

function weigh(letter: Letter<unknown>): number {
  // Nearly all are text.
  if (typeof letter === "string") return letter.length;
  return letter instanceof Decoded ? letter.size : sizeOf(letter);
}

/** Who waits for the next message, and in what form it is wanted. */
export type Reader<Incoming> =
  | {
    readonly kind: "receive";
    readonly resolve: (message: Incoming) => void;
    readonly reject: (reason: unknown) => void;
    readonly holder: object;
  }
  | {
    readonly kind: "iterate";
    readonly resolve: (result: IteratorResult<Incoming>) => void;
    readonly reject: (reason: unknown) => void;
    readonly holder: object;
  }
  | {
    readonly kind: "flow";
    readonly deliver: (message: Incoming) => void;
    readonly resolve: () => void;
    readonly reject: (reason: unknown) => void;
    readonly holder: object;
  };

/**
 * The unread messages of one connection, and at most one reader of them.
 *
 * - Bounded by messages and bytes. The bound is judged after a turn: Node hands
 *   a whole read of the network over before any reader can run, and a prompt
 *   reader must not be punished for that.
 * - A waiting reader gets a message in the call that brings it.
 * - A reader holds on to its lease, so that a lease in use is never taken for
 *   a forgotten one.
 */
export class Inbox<Incoming> {
  readonly #limits: InboxLimits;
  readonly #decode: (data: WireData) => Incoming;
  readonly #skipInvalid: boolean;
  readonly #owner: InboxOwner;
  readonly #waiting: Ring<Letter<Incoming>> = new Ring();
  #bytes = 0;
  #isJudged = false;
  #reader: Reader<Incoming> | undefined;
  #end: StreamEnd | undefined;

  constructor(
    limits: InboxLimits,
    decode: (data: WireData) => Incoming,
    onInvalid: "throw" | "skip",
    owner: InboxOwner,
  ) {
    this.#limits = limits;
    this.#decode = decode;
    this.#skipInvalid = onInvalid === "skip";
    this.#owner = owner;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get reader(): Reader<Incoming> | undefined {
    return this.#reader;
  }

  /** Whether {@linkcode clear} would find nothing to do. */
  get isQuiet(): boolean {
    return this.#waiting.size === 0 && this.#reader === undefined;
  }

  /** Takes a message in: for the reader who waits, else to be read. */
  push(data: Letter<Incoming>): void {
    if (this.#end !== undefined) {
      this.#owner.dropped(1, "late");
    } else if (weigh(data) > this.#limits.maxBytes) {
      this.#refuse();
    } else if (this.#reader !== undefined && this.#waiting.size === 0) {
      this.#hand(this.#reader, data);
    } else {
      this.#store(data);
    }
  }

  /** Applies the overflow policy to what is still waiting. */
  judge(): void {
    this.#isJudged = false;
    if (!this.#isOverfull || this.#end !== undefined) return;
    if (this.#limits.overflow === "error") {
      this.#overflow();
      return;
    }
    const oldest = this.#limits.overflow === "drop-oldest";
    let count = 0;
    while (this.#isOverfull) {
      const data = oldest ? this.#waiting.shift() : this.#waiting.pop();
      if (data === undefined) break;
      this.#bytes -= weigh(data);
      count++;
    }
    this.#owner.dropped(count, "overflow");
  }

  /** Ends the stream: what is waiting can still be read. */
  finish(end: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    settle(reader, end);
  }

  /** Takes everything out: the waiting reader is answered, messages are dropped. @returns How many */
  clear(end: StreamEnd): number {
    const reader = this.#reader;
    const { size } = this.#waiting;
    this.#reader = undefined;
    if (size > 0) this.#waiting.clear();
    this.#bytes = 0;
    if (reader !== undefined) settle(reader, end);
    return size;
  }

  /** The next message. @throws {TypeError} Through the promise, if somebody else is reading */
  receive(holder: object): Promise<Incoming> {
    try {
      this.#claim();
      const data = this.#first();
      if (data !== undefined) return Promise.resolve(this.#open(data));
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) =>
      this.#read({ kind: "receive", resolve, reject, holder })
    );
  }

  /** The next message, as an iterator's result. */
  next(holder: object): Promise<IteratorResult<Incoming>> {
    try {
      this.#claim();
      const data = this.#first();
      if (data !== undefined) {
        return Promise.resolve({ value: this.#open(data), done: false });
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) =>
      this.#read({ kind: "iterate", resolve, reject, holder })
    );
  }

  /** Hands every message to `deliver`, those waiting first, until the stream ends. */
  flow(
    deliver: (message: Incoming) => void,
    holder: object,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#claim();
      this.#read({ kind: "flow", deliver, resolve, reject, holder });
    });
  }

  /** Ends a reader's wait with a reason of its own, if it still waits. */
  cancel(reader: Reader<Incoming>, reason: unknown): void {
    if (this.#reader !== reader) return;
    this.#reader = undefined;
    reader.reject(reason);
  }

  /** Takes out what nobody has read. */
  takeAll(): Letter<Incoming>[] {
    const letters: Letter<Incoming>[] = [];
    for (;;) {
      const letter = this.#shift();
      if (letter === undefined) return letters;
      letters.push(letter);
    }
  }

  #open(letter: Letter<Incoming>): Incoming {
    return letter instanceof Decoded ? letter.message : this.#decode(letter);
  }

  get #isOverfull(): boolean {
    return this.#waiting.size > this.#limits.capacity ||
      this.#bytes > this.#limits.maxBytes;
  }

  #store(data: Letter<Incoming>): void {
    this.#waiting.push(data);
    this.#bytes += weigh(data);
    if (this.#isJudged || !this.#isOverfull) return;
    this.#isJudged = true;
    this.#owner.judgeSoon();
  }

  /** A single message that is larger than the whole inbox. */
  #refuse(): void {
    if (this.#limits.overflow === "error") this.#overflow();
    this.#owner.dropped(1, "overflow");
  }

  #overflow(): void {
    const { capacity, maxBytes } = this.#limits;
    const error = new InboxOverflowError({
      message: `The inbox is full: more than ${capacity} messages or ` +
        `${maxBytes} bytes wait to be read. Read faster, raise websocket.inbox, ` +
        'or set its overflow to "drop-oldest"',
      capacity,
      maxBytes,
    });
    this.finish({ error, clean: false });
    this.#owner.overflowed(error);
  }

  #claim(): void {
    if (this.#reader === undefined) return;
    throw new TypeError(
      "Somebody is reading this connection already: one reader at a time",
    );
  }

  #shift(): Letter<Incoming> | undefined {
    const data = this.#waiting.shift();
    if (data !== undefined) this.#bytes -= weigh(data);
    return data;
  }

  /**
   * The message to be decoded at once, without a reader made for it: where
   * invalid ones are skipped that would not do, since user code hears of the
   * skipping, and may end the lease before the read has one.
   */
  #first(): Letter<Incoming> | undefined {
    return this.#skipInvalid ? undefined : this.#shift();
  }

  /** Serves a reader from what is waiting; one that wants more stays. */
  #read(reader: Reader<Incoming>): void {
    this.#reader = reader;
    // A message may satisfy it, and user code end it, or the lease.
    while (this.#reader === reader) {
      const data = this.#shift();
      if (data === undefined) break;
      this.#hand(reader, data);
    }
    if (this.#reader !== reader || this.#end === undefined) return;
    this.#reader = undefined;
    settle(reader, this.#end);
  }

  #hand(reader: Reader<Incoming>, data: Letter<Incoming>): void {
    let message: Incoming;
    try {
      message = this.#open(data);
    } catch (error) {
      this.#handInvalid(reader, error);
      return;
    }
    if (this.#reader !== reader) {
      // The codec itself has ended the lease.
      this.#owner.dropped(1, "unread");
      return;
    }
    if (reader.kind === "flow") {
      this.#deliver(reader, message);
      return;
    }
    this.#reader = undefined;
    if (reader.kind === "receive") reader.resolve(message);
    else reader.resolve({ value: message, done: false });
  }

  #handInvalid(reader: Reader<Incoming>, error: unknown): void {
    try {
      this.#tolerate(error);
    } catch {
      this.cancel(reader, error);
    }
  }

  #deliver(
    reader: Reader<Incoming> & { kind: "flow" },
    message: Incoming,
  ): void {
    try {
      const result: unknown = reader.deliver(message);
      // An async function is not waited for, but its failure is one of `deliver`.
      if (result instanceof Promise) {
        result.catch((error) => this.cancel(reader, error));
      }
    } catch (error) {
      this.cancel(reader, error);
    }
  }

  /** Drops an invalid message where that is wanted. @throws {unknown} The error, elsewhere */
  #tolerate(error: unknown): void {
    if (!this.#skipInvalid || !(error instanceof InvalidMessageError)) {
      throw error;
    }
    this.#owner.dropped(1, "invalid");
  }
}

function settle<T>(reader: Reader<T>, { error, clean }: StreamEnd): void {
  if (!clean || reader.kind === "receive") {
    reader.reject(error);
  } else if (reader.kind === "iterate") {
    reader.resolve({ value: undefined, done: true });
  } else {
    reader.resolve();
  }
}
