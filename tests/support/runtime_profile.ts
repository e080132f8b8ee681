/** The runtimes whose `WebSocket` a `FakeSocket` can stand for. */
export type RuntimeName = "deno" | "node" | "bun" | "chromium";

/** Where the runtimes' client sockets were measured to differ. */
export interface RuntimeProfile {
  /** `close.code` of an end without a close frame. */
  readonly abnormalCode: number;
  /** Whether RST and FIN of an open socket raise `error` before `close`. */
  readonly errorOnReset: boolean;
  /** Whether messages are still delivered after `close()`. */
  readonly deliversWhileClosing: boolean;
  /** Whether `close()` while CONNECTING calls the listeners inside `close()`. */
  readonly failsInsideClose: boolean;
  /** Whether a peer that dies before it answers `close()` looks clean. */
  readonly cleanWhenResetWhileClosing: boolean;
  /** Whether that end, with bytes unsent, raises `close` two times. */
  readonly closesTwiceWithUnsentBytes: boolean;
  /** Whether the handshake fails on a subprotocol that was not agreed. */
  readonly comparesProtocol: boolean;
  /** Whether `bufferedAmount` grows by what `send` drops after `close()`. */
  readonly countsDroppedSends: boolean;
  /** Whether `ping()` and `terminate()` exist. */
  readonly hasFrameMethods: boolean;
  readonly binaryType: string;
  allowsCloseCode(code: number): boolean;
  errorEvent(url: string): Event;
}

/** Node's event: an `error` that says nothing, and no `ErrorEvent` class. */
class BareErrorEvent extends Event {
  readonly error = new TypeError("");
  readonly message = "";

  constructor() {
    super("error");
  }
}

function isStandardCloseCode(code: number): boolean {
  return code === 1000 || (code >= 3000 && code <= 4999);
}

function isBunCloseCode(code: number): boolean {
  if (code >= 1004 && code <= 1006) return false;
  return (code >= 1000 && code <= 1014) || isStandardCloseCode(code);
}

const standard = {
  abnormalCode: 1006,
  errorOnReset: false,
  deliversWhileClosing: false,
  failsInsideClose: false,
  cleanWhenResetWhileClosing: false,
  closesTwiceWithUnsentBytes: false,
  comparesProtocol: true,
  countsDroppedSends: false,
  hasFrameMethods: false,
  binaryType: "blob",
  allowsCloseCode: isStandardCloseCode,
  errorEvent: () => new Event("error"),
};

export const runtimeProfiles: Readonly<Record<RuntimeName, RuntimeProfile>> = {
  deno: {
    ...standard,
    abnormalCode: 0,
    errorOnReset: true,
    deliversWhileClosing: true,
    cleanWhenResetWhileClosing: true,
    closesTwiceWithUnsentBytes: true,
    comparesProtocol: false,
    errorEvent: () => {
      const message =
        "NetworkError: failed to connect to WebSocket: tcp connect error";
      return new ErrorEvent("error", { message, error: new Error(message) });
    },
  },
  node: {
    ...standard,
    errorOnReset: true,
    failsInsideClose: true,
    errorEvent: () => new BareErrorEvent(),
  },
  bun: {
    ...standard,
    countsDroppedSends: true,
    hasFrameMethods: true,
    binaryType: "nodebuffer",
    allowsCloseCode: isBunCloseCode,
    // Bun quotes the address with its credentials: redaction tests need that.
    errorEvent: (url) => {
      const message = `WebSocket connection to '${url}' failed`;
      return new ErrorEvent("error", { message, error: new Error(message) });
    },
  },
  chromium: { ...standard, countsDroppedSends: true },
};
