/**
 * What takes time: a dial, a probe, a reset. Each is begun by an action of the
 * core, and brings its outcome back to it.
 *
 * @module
 */
import { deadline } from "@std/async/deadline";
import { type Slot, SlotState } from "../core/slot.ts";
import type { ConnectPhase } from "../errors.ts";
import { Connection } from "./connection.ts";
import {
  describeFailure,
  type DialFailure,
  toConnectError,
} from "./dial_failure.ts";
import { asksUser, makeRequest } from "./dial_request.ts";
import type { Driver } from "./driver.ts";
import type { IoPayload } from "./payload.ts";

/** Thrown to leave a dial whose server chose no offered subprotocol. */
class WrongProtocol extends Error {}

/** Opens a socket for a slot: its first, or one in place of a lost one. */
export async function dial<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  slot: Slot<IoPayload<Incoming, Outgoing>>,
): Promise<void> {
  const { state, announcer, agenda: { clock } } = driver;
  const { key } = slot;
  // User code that ran since the decision may have closed the pool, or ended the lease: there is no socket whose close would be reported.
  if (!isWanted(slot)) return driver.input((now) => state.closed(slot, now));
  const isRedial = slot.resource !== undefined;
  const connection = slot.resource ??= new Connection(slot, driver);
  const reason = key.waiting > 0 ? "acquire" : "warm";
  const before = isRedial ? connection.outage?.attempts : key.failing?.attempts;
  const attempt = (before ?? 0) + 1;
  const dialledAt = clock.now();
  const failed = await open(driver, connection, attempt, isRedial);
  driver.input((now) => {
    // Within the input: a socket that closed while the outcome was on its way, or by what was due first, is a failed dial, for nothing else reports it.
    const outcome = failed ?? failureBeforeUse(connection);
    // One that cannot be used may be open: its inbox has overflowed.
    if (outcome !== undefined) connection.close();
    // This asks user code: what that may change is read after it.
    const failure = outcome && {
      ...outcome,
      fatal: driver.isFatal(outcome, (key.failing?.attempts ?? 0) + 1),
    };
    const duration = now - dialledAt;
    const { outage } = connection;
    const wasWanted = isWanted(slot);
    if (failure !== undefined) {
      // Before the books: a lease that ends here is told why.
      if (wasWanted && outage !== undefined) {
        outage.failure = failure;
        outage.attempts = attempt;
      }
      state[isRedial ? "redialFailed" : "dialFailed"](
        slot,
        now,
        failure,
        failure.fatal,
        connection.isClosed,
        driver.random(),
      );
      // What came before the failure is for nobody, unless somebody holds the lease, be it one whose redial was given up.
      if (!slot.isHeld) {
        connection.dropped(connection.takeUnread(), "unread");
      }
      // An error costs its stack: it is made only where somebody is told.
      if (wasWanted && announcer.isTold("connectfailed")) {
        announcer.tell("connectfailed", connection, {
          reason: failure.phase,
          error: toConnectError(failure, connection.shown, attempt),
          duration,
        });
      }
      return;
    }
    let rests = false;
    if (isRedial) state.redialled(slot, now, driver.random());
    else rests = state.opened(slot, now, driver.random());
    // What came in with the handshake's answer is for a lease or for nobody. Taken now, told when the connection is.
    const unread = slot.isHeld ? 0 : connection.takeUnread();
    if (wasWanted) {
      driver.recorder.connectTime.add(duration);
      if (isRedial) connection.reconnects++;
      if (outage !== undefined) outage.failure = undefined;
      connection.becomeReady();
    }
    // Only the books: what follows from them comes after the news.
    if (rests && unread > 0 && driver.config.idleMessages === "retire") {
      state.spoiled(slot, now);
    }
    if (wasWanted && isRedial && outage !== undefined) {
      announcer.tell("reconnect", connection, {
        reason: outage.reason,
        attempts: attempt,
        duration: now - outage.since,
      });
    } else if (wasWanted) {
      announcer.tell("connect", connection, { reason, duration });
    }
    connection.dropped(unread, rests ? "idle" : "unread");
  });
}

/** Whether the slot still is to get the socket of its dial. */
function isWanted<Incoming, Outgoing>(
  { state, redial }: Slot<IoPayload<Incoming, Outgoing>>,
): boolean {
  return state === SlotState.connecting || redial?.stage === "dialling";
}

/**
 * Opens a socket and runs the hooks on it: address and headers, handshake,
 * subprotocol, `onOpen`, and `onReconnect` if it replaces another.
 *
 * @returns What went wrong, if anything did; never rejects
 */
async function open<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
  attempt: number,
  reconnected: boolean,
): Promise<DialFailure | undefined> {
  const { websocket, config, state } = driver;
  const { onOpen } = websocket;
  const { onReconnect, slot } = connection;
  const { target } = slot.key;
  const renews = reconnected && onReconnect !== undefined;
  const signal = connection.beginDial();
  let phase: ConnectPhase = "resolve";
  try {
    const { baseUrl, limits } = config;
    const making = makeRequest(websocket, target, baseUrl, attempt, signal);
    // `deadline` makes a signal of its own: only where the user's functions are awaited.
    const request = asksUser(websocket)
      ? await deadline(making, Infinity, { signal })
      : await making;
    phase = "dial";
    if (limits.connectRate !== undefined) {
      driver.input((now) => state.dialBegun(slot, now));
    }
    // User code that was due by now may have ended the pool.
    signal.throwIfAborted();
    const willVisit = onOpen !== undefined || renews;
    await connection.connect(request, signal, willVisit);
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
    connection.finish("keep");
    return undefined;
  } catch (error) {
    const isTimeout = signal.aborted && signal.reason?.name === "TimeoutError";
    // Before the handshake there is no socket but the one that was lost.
    const end = phase === "resolve" ? undefined : connection.socketEnd;
    connection.close();
    // What the hooks left unread is for nobody.
    connection.finish("unread");
    return describeFailure(phase, error, end, signal.aborted, isTimeout);
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
function failureBeforeUse<Incoming, Outgoing>(
  { isClosed, isEnded, socketEnd: end }: Connection<Incoming, Outgoing>,
): DialFailure | undefined {
  if (!isClosed && !isEnded) return undefined;
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

/** Deno opens a connection whatever subprotocol the server chose, so the choice is checked here. */
function isOffered(chosen: string, offered: readonly string[]): boolean {
  return offered.length === 0 ? chosen === "" : offered.includes(chosen);
}

/** Probes an idle connection. Where nothing can be asked, the state of the socket is all there is to see. */
export async function probe<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
): Promise<void> {
  const { slot } = connection;
  if (slot.state !== SlotState.probing) return;
  const { healthCheck } = driver.config;
  const startedAt = driver.ledger.now;
  const signal = connection.begin();
  let hasPassed = true;
  try {
    if (healthCheck !== undefined) {
      hasPassed = await connection.runHook(async (conn) =>
        await healthCheck(conn) === true
      );
    } else if (connection.canProbe) {
      hasPassed = await connection.probe(signal);
    }
  } catch {
    // Why a probe failed is its author's to log: the pool needs only the outcome.
    hasPassed = false;
  }
  hasPassed &&= connection.isReusable;
  connection.finish("idle");
  if (slot.state !== SlotState.probing) return;
  driver.input((now) => {
    driver.state.probeDone(slot, hasPassed, now);
    driver.announcer.tell("healthcheck", connection, {
      reason: hasPassed ? "passed" : "failed",
      duration: now - startedAt,
    });
  });
}

/** Cleans a connection up between two leases. */
export async function reset<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
): Promise<void> {
  const { slot } = connection;
  const { reset: hook } = driver.config;
  // User code that ran since may have closed the pool.
  if (hook !== undefined && slot.state === SlotState.resetting) {
    let isClean = false;
    connection.begin();
    try {
      await connection.runHook(hook);
      isClean = connection.isReusable;
    } catch {
      // As for a probe.
    }
    connection.finish("unread");
    driver.input((now) => driver.state.resetDone(slot, isClean, now));
  }
  connection.resetEnd?.resolve();
  connection.resetEnd = undefined;
}
