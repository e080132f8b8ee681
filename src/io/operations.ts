import { deadline } from "@std/async/deadline";
import type { ConnectPhase } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { describeFailure, type DialFailure } from "./dial_failure.ts";
import { makeRequest } from "./dial_request.ts";

/** Thrown to leave a dial whose server chose no offered subprotocol. */
class WrongProtocol extends Error {}

/**
 * Opens a socket for a connection and runs the hooks on it: address and
 * headers, handshake, subprotocol, `onOpen`, and `onReconnect` if it replaces
 * another.
 *
 * @returns What went wrong, if anything did; never rejects
 */
export async function dial<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
  attempt: number,
  reconnected: boolean,
): Promise<DialFailure | undefined> {
  const { host, slot } = connection;
  const { target } = slot.key;
  const { onOpen } = host.websocket;
  const { onReconnect } = connection;
  const renews = reconnected && onReconnect !== undefined;
  const signal = connection.beginDial();
  let phase: ConnectPhase = "resolve";
  let unread: "keep" | "unread" = "unread";
  try {
    const request = await deadline(
      makeRequest(host.websocket, target, host.baseUrl, attempt, signal),
      Infinity,
      { signal },
    );
    phase = "dial";
    host.dialBegun(connection);
    // User code that was due by now may have ended the pool.
    signal.throwIfAborted();
    const opened = connection.connect(request, onOpen !== undefined || renews);
    await deadline(opened, Infinity, { signal });
    phase = "protocol";
    if (!isOffered(connection.protocol, target.protocols)) {
      throw new WrongProtocol();
    }
    phase = "open-hook";
    if (onOpen !== undefined) {
      const context = { reconnected, attempt };
      await connection.runHook((conn) => onOpen(conn, context));
    }
    if (renews) await connection.runHook(onReconnect);
    unread = "keep";
    return failureBeforeUse(connection);
  } catch (error) {
    const isTimeout = signal.aborted && signal.reason?.name === "TimeoutError";
    // Before the handshake there is no socket but the one that was lost.
    const end = phase === "resolve" ? undefined : connection.socketEnd;
    connection.close(1_000, "");
    return describeFailure(phase, error, end, signal.aborted, isTimeout);
  } finally {
    // What the hooks of a failed dial left unread is for nobody.
    connection.finish(unread);
  }
}

/**
 * What went wrong, if the connection closed after its dial and before it was
 * used.
 *
 * Closing is not closed: Deno says CLOSING once it has read the peer's close
 * frame, when its code is not known yet. A lease gets what came before, and
 * the code.
 */
export function failureBeforeUse<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
): DialFailure | undefined {
  if (!connection.isClosed && !connection.mailbox.isEnded) return undefined;
  const { socketEnd: end } = connection;
  return end === undefined
    ? {
      phase: "dial",
      why: "the connection ended before it was used",
      end,
      fatal: false,
      timedOut: false,
    }
    : describeFailure("dial", undefined, end, false, false);
}

/** Probes an idle connection. @returns Whether it passed; never rejects */
export async function probe<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
): Promise<boolean> {
  const { healthCheck } = connection.host;
  const signal = connection.begin();
  try {
    const passed = healthCheck === undefined
      ? await connection.probe(signal)
      : await connection.runHook(async (conn) =>
        await healthCheck(conn) === true
      );
    return passed && connection.isReusable;
  } catch {
    // Why a probe failed is its author's to log: the pool needs only the outcome.
    return false;
  } finally {
    connection.finish("idle");
  }
}

/** Cleans a connection up between two leases. @returns Whether that went well; never rejects */
export async function reset<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
): Promise<boolean> {
  const { reset } = connection.host;
  if (reset === undefined) return true;
  connection.begin();
  try {
    await connection.runHook(reset);
    return connection.isReusable;
  } catch {
    // As for a probe.
    return false;
  } finally {
    connection.finish("unread");
  }
}

/** Deno opens a connection whatever subprotocol the server chose, so the choice is checked here. */
function isOffered(chosen: string, offered: readonly string[]): boolean {
  return offered.length === 0 ? chosen === "" : offered.includes(chosen);
}
