import type { ConnectionFailure, WebSocketConfig } from "../options.ts";
import { ignoreRejection } from "../thrown.ts";
import type { SocketEnd } from "./socket.ts";

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

/** Whether another attempt is pointless after such an end, unless the user says otherwise. */
export function isFatalEnd(end: SocketEnd | undefined): boolean {
  return end !== undefined && FATAL_CLOSE_CODES.includes(end.code);
}

/** A dial that failed, or the loss of a connection that was open. */
export interface Failure {
  readonly phase: ConnectionFailure["phase"];
  readonly end: SocketEnd | undefined;
  /** Whether another attempt is pointless, by default. */
  readonly fatal: boolean;
  readonly cause?: unknown;
}

/** Whether another attempt is pointless: by the user's word, else by default. */
export function isFatal(
  classify: WebSocketConfig["classify"],
  { phase, end, fatal, cause }: Failure,
  attempt: number,
  report: (what: string, thrown: unknown) => void,
): boolean {
  if (classify === undefined) return fatal;
  // Only what is known: absent rather than undefined.
  const failure: ConnectionFailure = {
    phase,
    attempt,
    ...end && {
      closeCode: end.code,
      closeReason: end.reason,
      wasClean: end.wasClean,
    },
    ...cause !== undefined && { cause },
  };
  try {
    const verdict: unknown = classify(Object.freeze(failure));
    if (verdict === "fatal" || verdict === "retry") return verdict === "fatal";
    ignoreRejection(verdict);
    report("classify", new TypeError('it must return "retry" or "fatal"'));
  } catch (error) {
    report("classify", error);
  }
  return fatal;
}
