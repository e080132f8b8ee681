import { CountingEventTarget } from "./counting_event_target.ts";
import {
  type RuntimeName,
  type RuntimeProfile,
  runtimeProfiles,
} from "./runtime_profile.ts";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

const MAX_REASON_BYTES = 123;

export type SendData = string | ArrayBufferLike | ArrayBufferView | Blob;

/** What a fake socket kept of a `send`: buffers are copied, as runtimes do. */
export type SentData = string | Uint8Array<ArrayBuffer> | Blob;

export interface CloseCall {
  readonly code: number | undefined;
  readonly reason: string | undefined;
}

export interface FakeSocketOptions {
  readonly protocols?: readonly string[];
  readonly runtime?: RuntimeName;
  /** Called when the handshake is over, won or lost. */
  readonly onHandshakeEnd?: () => void;
  /** Called once, when the peer no longer holds the socket. */
  readonly onEnd?: () => void;
}

/**
 * A client `WebSocket` whose peer is the test.
 *
 * The members of the standard behave as the chosen runtime's do; the controls
 * (`open`, `fail`, `message`, `peerClose`, `reset`) dispatch synchronously.
 */
export class FakeSocket extends CountingEventTarget {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly sent: SentData[] = [];
  readonly closeCalls: CloseCall[] = [];
  readonly pings: (string | Uint8Array<ArrayBuffer>)[] = [];
  /** Present under the profiles whose runtime has them. */
  readonly ping?: (data?: string | ArrayBufferView) => void;
  readonly terminate?: () => void;

  /** What `bufferedAmount` says. */
  buffered = 0;
  /** Whether the peer answers `close()`, in a microtask. */
  answersClose = true;
  /** Whether the peer answers `ping()`, in a microtask. */
  answersPing = true;
  /** Whether the end raises a second `close` event, in a microtask. */
  closesTwice = false;
  /** Thrown by the next `send`, then forgotten. */
  nextSendError: Error | undefined;
  binaryType: string;

  readonly #profile: RuntimeProfile;
  readonly #onHandshakeEnd: () => void;
  readonly #onEnd: () => void;
  #readyState = CONNECTING;
  #protocol = "";
  #handshaking = true;
  #ended = false;

  constructor(url: string | URL, options: FakeSocketOptions = {}) {
    super();
    this.url = new URL(url).href;
    this.protocols = [...options.protocols ?? []];
    this.#profile = runtimeProfiles[options.runtime ?? "deno"];
    this.#onHandshakeEnd = options.onHandshakeEnd ?? (() => {});
    this.#onEnd = options.onEnd ?? (() => {});
    this.binaryType = this.#profile.binaryType;
    if (this.#profile.hasFrameMethods) {
      this.ping = (data = "") => this.#ping(data);
      this.terminate = () => queueMicrotask(() => this.reset());
    }
  }

  get readyState(): number {
    return this.#readyState;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get bufferedAmount(): number {
    return this.buffered;
  }

  /** Whether the peer no longer holds the socket, whatever `readyState` says. */
  get ended(): boolean {
    return this.#ended;
  }

  send(data: SendData): void {
    if (this.#readyState === CONNECTING) {
      throw new DOMException("Still in CONNECTING state", "InvalidStateError");
    }
    if (this.nextSendError !== undefined) {
      const error = this.nextSendError;
      this.nextSendError = undefined;
      throw error;
    }
    const copy = copyOf(data);
    if (this.#readyState === OPEN) {
      this.sent.push(copy);
    } else if (this.#profile.countsDroppedSends) {
      this.buffered += sizeOf(copy);
    }
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && !this.#profile.allowsCloseCode(code)) {
      throw new DOMException(`Bad close code ${code}`, "InvalidAccessError");
    }
    if (new TextEncoder().encode(reason).length > MAX_REASON_BYTES) {
      throw new DOMException("The close reason is too long", "SyntaxError");
    }
    this.closeCalls.push({ code, reason });
    if (this.#readyState === CONNECTING) {
      this.#closeWhileConnecting();
    } else if (this.#readyState === OPEN) {
      this.#readyState = CLOSING;
      if (!this.answersClose) return;
      queueMicrotask(() => this.#end(code ?? 1005, reason ?? "", true, false));
    }
  }

  /**
   * The handshake succeeds; nothing happens once the attempt is over. The
   * server picks the first protocol offered unless the test names one.
   */
  open(protocol: string = this.protocols[0] ?? ""): void {
    if (this.#readyState !== CONNECTING) return;
    const agreed = this.protocols.length === 0
      ? protocol === ""
      : this.protocols.includes(protocol);
    if (!agreed && this.#profile.comparesProtocol) return this.fail();
    this.#protocol = protocol;
    this.#readyState = OPEN;
    this.#endHandshake();
    this.dispatchEvent(new Event("open"));
  }

  /** The handshake or the framing fails: every runtime raises `error` too. */
  fail(code = 1006): void {
    this.#end(this.#abnormal(code), "", false, true);
  }

  /** Delivers a message; says whether the runtime would have. */
  message(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>): boolean {
    if (this.#readyState === CONNECTING) {
      throw new Error("A message cannot come before the handshake's end.");
    }
    const late = this.#readyState === CLOSING && !this.#ended &&
      this.#profile.deliversWhileClosing;
    if (this.#readyState !== OPEN && !late) return false;
    const event = new MessageEvent("message", { data: this.#received(data) });
    this.dispatchEvent(event);
    return true;
  }

  /** The peer's close frame is read, and `close` is still to come (Deno). */
  beginPeerClose(): void {
    if (this.#readyState === OPEN) this.#readyState = CLOSING;
  }

  /** The peer's close frame; answers `close()` if it was not answered. */
  peerClose(code = 1000, reason = "", wasClean = true): void {
    const seen = wasClean ? code : this.#abnormal(code);
    this.#end(seen, reason, wasClean, !wasClean);
  }

  /** The transport is gone without a close frame: RST or FIN. */
  reset(): void {
    if (this.#readyState === CONNECTING) return this.fail();
    const profile = this.#profile;
    if (this.#readyState === CLOSING && profile.cleanWhenResetWhileClosing) {
      this.closesTwice ||= profile.closesTwiceWithUnsentBytes &&
        this.buffered > 0;
      this.#end(1005, "", true, false);
    } else {
      this.#end(profile.abnormalCode, "", false, profile.errorOnReset);
    }
  }

  #closeWhileConnecting(): void {
    if (this.#profile.failsInsideClose) {
      this.fail();
      // Node: CLOSED during the events, then CLOSING for good.
      this.#readyState = CLOSING;
      return;
    }
    this.#readyState = CLOSING;
    queueMicrotask(() => this.fail());
  }

  #end(
    code: number,
    reason: string,
    wasClean: boolean,
    withError: boolean,
  ): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#readyState = CLOSED;
    this.#endHandshake();
    this.#onEnd();
    if (withError) this.dispatchEvent(this.#profile.errorEvent(this.url));
    const detail = { code, reason, wasClean };
    this.dispatchEvent(new CloseEvent("close", detail));
    if (!this.closesTwice) return;
    queueMicrotask(() => this.dispatchEvent(new CloseEvent("close", detail)));
  }

  #endHandshake(): void {
    if (!this.#handshaking) return;
    this.#handshaking = false;
    this.#onHandshakeEnd();
  }

  #abnormal(code: number): number {
    return code === 1006 ? this.#profile.abnormalCode : code;
  }

  #received(
    data: string | ArrayBuffer | Uint8Array<ArrayBuffer>,
  ): string | ArrayBuffer | Uint8Array<ArrayBuffer> | Blob {
    if (typeof data === "string") return data;
    const bytes = bytesOf(data);
    if (this.binaryType === "arraybuffer") return bytes.buffer;
    return this.binaryType === "blob" ? new Blob([bytes]) : bytes;
  }

  #ping(data: string | ArrayBufferView): void {
    if (this.#readyState !== OPEN) return;
    this.pings.push(typeof data === "string" ? data : bytesOf(data));
    if (!this.answersPing) return;
    queueMicrotask(() => {
      if (this.#readyState !== OPEN) return;
      this.dispatchEvent(new MessageEvent("pong", { data }));
    });
  }
}

function bytesOf(
  data: ArrayBufferLike | ArrayBufferView,
): Uint8Array<ArrayBuffer> {
  const view = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  return new Uint8Array(view);
}

function copyOf(data: SendData): SentData {
  return typeof data === "string" || data instanceof Blob
    ? data
    : bytesOf(data);
}

function sizeOf(data: SentData): number {
  if (typeof data === "string") return new TextEncoder().encode(data).length;
  return data instanceof Blob ? data.size : data.length;
}
