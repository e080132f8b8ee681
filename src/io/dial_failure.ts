import { ConnectError, type ConnectPhase } from "../errors.ts";
import { describeThrown, nameOf } from "../thrown.ts";
import type { SocketEnd } from "./socket.ts";

/** What is known of a failed dial: plain data. */
export interface DialFailure {
  readonly phase: ConnectPhase;
  /** Why, in words that quote no peer and no address. */
  readonly why: string;
  readonly closeCode: number | undefined;
  readonly closeReason: string | undefined;
  readonly wasClean: boolean | undefined;
  readonly fatal: boolean;
  readonly timedOut: boolean;
  readonly cause: unknown;
}

/**
 * Close codes after which another attempt is pointless (4.5): the peer found
 * fault with the protocol, the data or the credentials. 1002 to 1010 are
 * defined by RFC 6455, section 7.4.1; 4401 and 4403 are the customary
 * WebSocket forms of HTTP's 401 and 403.
 */
const FATAL_CLOSE_CODES: readonly number[] = [
  1002,
  1003,
  1007,
  1008,
  1009,
  1010,
  4401,
  4403,
];

export function isFatalCode(code: number): boolean {
  return FATAL_CLOSE_CODES.includes(code);
}

const TIMEOUTS = {
  "resolve": "resolveUrl or headers did not settle in time",
  "dial": "the handshake was not answered in time",
  "open-hook": "onOpen or onReconnect did not settle in time",
} as const;

/** Why a dial stopped in `phase`, with whatever was thrown and however the socket ended. */
export function describeFailure(
  phase: ConnectPhase,
  thrown: unknown,
  end: SocketEnd | undefined,
  isAborted: boolean,
  isTimeout: boolean,
): DialFailure {
  const common = {
    phase,
    timedOut: isTimeout,
    closeCode: end?.code,
    closeReason: end?.reason,
    wasClean: end?.wasClean,
  };
  if (phase === "protocol") {
    return {
      ...common,
      why: "the server did not choose one of the offered subprotocols",
      fatal: true,
      cause: undefined,
    };
  }
  const fatal = end !== undefined && isFatalCode(end.code);
  if (isTimeout) {
    const why = TIMEOUTS[phase];
    return { ...common, why, fatal: false, cause: undefined };
  }
  if (end !== undefined) {
    const why = phase === "open-hook"
      ? `the server closed the connection with code ${end.code} before onOpen and onReconnect were done`
      : `the connection was closed with code ${end.code} before it was open`;
    return { ...common, why, fatal, cause: undefined };
  }
  if (isAborted) {
    return {
      ...common,
      why: "the dial was given up",
      fatal: false,
      cause: undefined,
    };
  }
  if (phase === "open-hook") {
    return {
      ...common,
      why: "onOpen or onReconnect threw",
      fatal,
      cause: describeThrown(thrown),
    };
  }
  if (phase === "resolve") {
    return {
      ...common,
      why: "resolveUrl or headers threw, or gave no valid result",
      fatal,
      cause: describeThrown(thrown),
    };
  }
  // The runtime's text may quote the address, so only the name is kept.
  return {
    ...common,
    why: "the WebSocket constructor threw",
    fatal,
    cause: { name: nameOf(thrown) },
  };
}

/** The error a waiter gets for a failed dial. */
export function toConnectError(
  failure: DialFailure,
  shown: string,
  attempts: number,
): ConnectError {
  const count = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return new ConnectError({
    message: `Cannot connect to ${shown}: ${failure.why} (${count})` +
      adviceFor(failure),
    url: shown,
    phase: failure.phase,
    attempts,
    closeCode: failure.closeCode,
    fatal: failure.fatal,
    timedOut: failure.timedOut,
    cause: failure.cause,
  });
}

function adviceFor({ phase, timedOut }: DialFailure): string {
  if (phase === "resolve") return ". Check websocket.resolveUrl and headers";
  if (phase === "protocol") return ". Check websocket.protocols";
  if (phase === "open-hook") {
    return timedOut
      ? ". Make onOpen faster or raise websocket.connectTimeout"
      : ". Check what onOpen does and the credentials it uses";
  }
  return timedOut
    ? ". Check the address or raise websocket.connectTimeout"
    : ". Check the address, the server and the credentials";
}
