/** Who raises `message` events: a `WebSocket` of any kind. */
export interface MessageSource {
  addEventListener(
    type: "message",
    listener: (event: { readonly data?: unknown }) => void,
  ): unknown;
}

export function asIs(data: unknown): unknown {
  return data;
}

export function fromJson(data: unknown): unknown {
  return JSON.parse(String(data));
}

/**
 * The least that makes an async iterator of a socket's messages: a ring and one
 * pending reader; no bounds, codec, counters, ends or second readers.
 */
export class RingReader<Message> implements AsyncIterableIterator<Message> {
  readonly #decode: (data: unknown) => Message;
  #ring: unknown[] = new Array(64);
  #head = 0;
  #size = 0;
  #resolve: ((result: IteratorResult<Message>) => void) | undefined;

  constructor(source: MessageSource, decode: (data: unknown) => Message) {
    this.#decode = decode;
    source.addEventListener("message", (event) => this.#push(event.data));
  }

  next(): Promise<IteratorResult<Message>> {
    if (this.#size > 0) {
      const data = this.#ring[this.#head];
      this.#ring[this.#head] = undefined;
      this.#head = (this.#head + 1) & (this.#ring.length - 1);
      this.#size--;
      return Promise.resolve({ value: this.#decode(data), done: false });
    }
    return new Promise((resolve) => this.#resolve = resolve);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this;
  }

  #push(data: unknown): void {
    const resolve = this.#resolve;
    if (resolve !== undefined) {
      this.#resolve = undefined;
      resolve({ value: this.#decode(data), done: false });
      return;
    }
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = data;
    this.#size++;
  }

  #grow(): void {
    const old = this.#ring;
    this.#ring = [
      ...old.slice(this.#head),
      ...old.slice(0, this.#head),
      ...new Array(old.length),
    ];
    this.#head = 0;
  }
}
