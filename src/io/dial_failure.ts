import { ConnectError, type ConnectPhase } from "../errors.ts";
import type { ReconnectReason } from "../stats.ts";
import { describeThrown, nameOf } from "../thrown.ts";
import { isFatalEnd } from "./classification.ts";
import type { SocketEnd } from "./socket.ts";

/** What is known of a failed dial: plain data. */
export interface DialFailure {
  readonly phase: ConnectPhase;
  /** Why, in words that quote no peer and no address. */
  readonly why: string;
  /** How its socket ended, if there was one that did. */
  readonly end: SocketEnd | undefined;
  readonly fatal: boolean;
  readonly timedOut: boolean;
  /** Absent where user code and the runtime have thrown nothing. */
  readonly cause?: unknown;
}

/** The time that a lease has no socket. */
export interface Outage {
  readonly reason: ReconnectReason;
  readonly since: number;
  /** The last failed dial in it. */
  failure: DialFailure | undefined;
  /** Failed dials in it. */
  attempts: number;
}

/** Why a part of a dial was not done, and what to change. */
type Words = readonly [why: string, advice: string];

const CHECK_ADDRESS = "Check websocket.resolveUrl and headers";

const FAILED: Readonly<Record<ConnectPhase, Words>> = {
  "resolve": [
    "resolveUrl or headers threw, or gave no valid result",
    CHECK_ADDRESS,
  ],
  "dial": [
    "the WebSocket constructor threw",
    "Check the address, the server and the credentials",
  ],
  "protocol": [
    "the server did not choose one of the offered subprotocols",
    "Check websocket.protocols",
  ],
  "open-hook": [
    "onOpen or onReconnect threw",
    "Check what onOpen does and the credentials it uses",
  ],
};

/** The same for what takes time, and was not done in time. */
const SLOW: Readonly<Partial<Record<ConnectPhase, Words>>> = {
  "resolve": [
    "resolveUrl or headers did not settle in time",
    CHECK_ADDRESS,
  ],
  "dial": [
    "the handshake was not answered in time",
    "Check the address or raise websocket.connectTimeout",
  ],
  "open-hook": [
    "onOpen or onReconnect did not settle in time",
    "Make onOpen faster or raise websocket.connectTimeout",
  ],
};

function wordsFor(phase: ConnectPhase, timedOut: boolean): Words {
  return (timedOut ? SLOW[phase] : undefined) ?? FAILED[phase];
}

/** Why a dial stopped in `phase`, with whatever was thrown and however the socket ended. */
export function describeFailure(
  phase: ConnectPhase,
  thrown: unknown,
  end: SocketEnd | undefined,
  isAborted: boolean,
  timedOut: boolean,
): DialFailure {
  const [why] = wordsFor(phase, timedOut);
  const isRefused = phase === "protocol";
  const fatal = isRefused || (!timedOut && isFatalEnd(end));
  const failure = { phase, why, end, fatal, timedOut };
  if (isRefused || timedOut) return failure;
  if (end !== undefined) {
    const goal = phase === "open-hook"
      ? "onOpen and onReconnect were done"
      : "it was open";
    return {
      ...failure,
      why: `the connection was closed with code ${end.code} before ${goal}`,
    };
  }
  if (isAborted) return { ...failure, why: "the dial was given up" };
  // The text of the runtime's own error may quote the address: only its name is kept.
  const cause = phase === "dial"
    ? { name: nameOf(thrown) }
    : describeThrown(thrown);
  return { ...failure, cause };
}

/** The error a waiter gets for a failed dial. */
export function toConnectError(
  { why, end, ...known }: DialFailure,
  url: string,
  attempts: number,
): ConnectError {
  const [, advice] = wordsFor(known.phase, known.timedOut);
  const count = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return new ConnectError({
    ...known,
    message: `Cannot connect to ${url}: ${why} (${count}). ${advice}`,
    url,
    attempts,
    closeCode: end?.code,
  });
}
