/**
 * What the core asks for, done. Nothing is decided here.
 *
 * @module
 */
import type { Action } from "../core/actions.ts";
import { SlotState } from "../core/slot.ts";
import { announceLease, grant, refuse, warmed } from "./acquire.ts";
import type { Connection } from "./connection.ts";
import { toConnectError } from "./dial_failure.ts";
import type { Driver } from "./driver.ts";
import { dial, probe, reset } from "./operations.ts";
import type { IoPayload } from "./payload.ts";
import { tellLeak } from "./release.ts";

/** Performs one of the core's actions. */
export function perform<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  action: Action<IoPayload<Incoming, Outgoing>>,
): void {
  switch (action.kind) {
    case "dial":
    case "redial":
      dial(driver, action.slot);
      break;
    case "refuse":
      refuse(driver, action.waiter, action.refusal);
      break;
    case "abandon":
      linger(driver, action.slot.resource, 0);
      break;
    case "leave-socket":
      // The slot goes on over another socket.
      linger(driver, action.slot.resource, driver.config.limits.closeTimeout);
      break;
    case "warmed":
      warmed(driver, action.warmer, action.idle);
      break;
    case "tick":
      registerHandles(driver);
      break;
    case "closed":
      end(driver, action.drained, action.forced);
      break;
    default: {
      // A slot gets its connection with its dial.
      const { resource } = action.slot;
      if (resource !== undefined) performOn(driver, resource, action);
    }
  }
}

function performOn<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
  action: Extract<
    Action<IoPayload<Incoming, Outgoing>>,
    { readonly slot: unknown }
  >,
): void {
  const { announcer, ledger: { now } } = driver;
  const { slot, socketEnd } = connection;
  switch (action.kind) {
    case "grant":
      grant(driver, connection, action.lease, action.waiter);
      if (driver.isWatched) {
        // One that has not even been stamped has not waited.
        const waited = connection.leasedAt - action.waiter.cohort.since;
        announceLease(driver, connection, Math.max(0, waited));
      }
      break;
    case "abort-dial":
      connection.abort(action.why);
      break;
    case "probe":
      probe(driver, connection);
      break;
    case "reset":
      reset(driver, connection);
      break;
    case "abort-hook":
      connection.abort("timeout");
      break;
    case "retire": {
      const { reason } = action;
      // What the peers are told when the pool closes is the user's word.
      const farewell = reason === "closed" ? driver.closing : undefined;
      connection.close(farewell?.code, farewell?.reason);
      const duration = now - slot.openedAt;
      announcer.tell("retire", connection, { reason, duration });
      break;
    }
    case "hang-up":
    case "rotate":
      connection.close();
      break;
    case "reconnecting": {
      const { reason } = action;
      connection.outage = {
        reason,
        since: now,
        failure: undefined,
        attempts: 0,
      };
      const closeCode = socketEnd?.code;
      announcer.tell("reconnecting", connection, { reason, closeCode });
      break;
    }
    case "lost": {
      const { outage, shown } = connection;
      connection.lose(
        outage?.failure &&
          toConnectError(outage.failure, shown, outage.attempts),
      );
      announcer.tell("lost", connection, {
        reason: socketEnd?.wasClean ? "closed" : "broken",
        closeCode: socketEnd?.code ?? 1006,
        duration: now - slot.openedAt,
      });
      break;
    }
    case "leak":
      tellLeak(connection, "held", now);
      break;
    case "revoke":
      connection.revoke(action.lease);
  }
}

/** Parts a connection from its socket, whose end is awaited apart: it is killed after `patience` ms, where that is possible. */
function linger<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing> | undefined,
  patience: number,
): void {
  const noteEnd = () => driver.input((now) => driver.state.lingerEnded(now));
  const socket = connection?.leaveSocket((ended) => {
    if (driver.lingering.delete(ended)) noteEnd();
  });
  if (socket === undefined) {
    noteEnd();
    return;
  }
  // First noted, then closed: its end may come within the call.
  driver.lingering.add(socket);
  socket.close(1_000);
  if (patience === 0) socket.abandon();
  else if (patience !== Infinity) {
    driver.agenda.after(patience, () => {
      if (driver.lingering.has(socket)) socket.abandon();
    });
  }
}

/** Registers the handles of the leases that have lasted since before this tick (4.11). */
function registerHandles<Incoming, Outgoing>(
  { handles, ledger }: Driver<Incoming, Outgoing>,
): void {
  for (const { lease, resource, state } of ledger.slots) {
    if (state !== SlotState.leased || !resource?.handle) continue;
    handles.register(resource.handle, { connection: resource, lease });
    // From here on nothing of the pool keeps an unused handle.
    resource.handle = undefined;
  }
}

/** Ends the pool: nothing is left but sockets whose peers do not answer. */
function end<Incoming, Outgoing>(
  { agenda, announcer, closing, lingering }: Driver<Incoming, Outgoing>,
  drained: number,
  forced: number,
): void {
  // Those whose peers fell silent may be within their time still.
  for (const socket of [...lingering]) socket.abandon();
  const abandoned = lingering.size;
  for (const socket of lingering) socket.detach();
  agenda.stop();
  // Only a pool that was told to close gets here.
  if (closing === undefined) return;
  const report = Object.freeze({ drained, forced, abandoned });
  const duration = agenda.clock.now() - closing.startedAt;
  // As late as a refusal, which takes a microtask more: who waited hears of it first (4.8).
  closing.resolve(Promise.resolve(report));
  announcer.closed(report, duration);
}
