import {
  ConnectionLostError,
  HeartbeatTimeoutError,
  LeaseReleasedError,
  PoolClosedError,
} from "../errors.ts";
import type { SocketEnd } from "./socket.ts";

/** What is said of a socket that is given up before it has closed. */
const NO_END: SocketEnd = { code: 1006, reason: "", wasClean: false };

export function leaseReleased(shown: string): LeaseReleasedError {
  return new LeaseReleasedError(
    `This lease of ${shown} has been released. Acquire another, or release later`,
  );
}

export function poolClosed(shown: string): PoolClosedError {
  return new PoolClosedError(`Cannot use ${shown}: the pool is closed`);
}

/** The ends that finish a stream in good order (3.2). */
export function isCleanEnd(end: SocketEnd | undefined): boolean {
  return end?.wasClean === true && [1000, 1001, 1005].includes(end.code);
}

/** The error of a lease whose connection is gone. */
export function lossError(
  { id, shown }: { readonly id: number; readonly shown: string },
  end: SocketEnd | undefined,
  cause: Error | undefined,
): ConnectionLostError {
  const { code, reason, wasClean } = end ?? NO_END;
  const how = wasClean
    ? `the server closed it with code ${code}`
    : `it broke off (code ${code})`;
  return new ConnectionLostError({
    message: `Connection ${id} to ${shown} is lost: ${how}. ` +
      "Release the lease and acquire another, or set websocket.reconnect",
    closeCode: code,
    closeReason: reason,
    wasClean,
    ...cause && { cause },
  });
}

/** Nothing came for `silence` ms. */
export function heartbeatTimeout(
  shown: string,
  silence: number,
): HeartbeatTimeoutError {
  return new HeartbeatTimeoutError({
    message: `Nothing came from ${shown} for ${
      Math.round(silence)
    } ms: the peer is taken for dead. Check the network, or raise websocket.heartbeat.timeout`,
    silence,
  });
}
