/**
 * How leases end: given back, discarded, or forgotten.
 *
 * @module
 */
import { handOver, restore } from "../core/shortcuts.ts";
import { SlotState } from "../core/slot.ts";
import { grant } from "./acquire.ts";
import type { Connection } from "./connection.ts";
import type { Driver } from "./driver.ts";
import { leaseReleased } from "./lease_errors.ts";

const done: Promise<void> = Promise.resolve();

/** Ends a lease. @returns A promise for the end of the reset, if there is one */
export function release<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
  lease: number,
  isDiscarded: boolean,
): Promise<void> {
  const { host: driver } = connection;
  const isSimple = !isDiscarded && !driver.isWatched && connection.isPlain() &&
    (driver.ledger.waiting > 0
      ? passOn(driver, connection, lease)
      : giveBack(driver, connection, lease));
  return isSimple ? done : decide(connection, lease, isDiscarded);
}

/** Ends a lease while nobody waits, if that is simple. @returns Whether it was */
function giveBack<Incoming, Outgoing>(
  { ledger }: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
  lease: number,
): boolean {
  if (!restore(ledger, connection.slot, lease)) return false;
  connection.handle = undefined;
  return true;
}

/** Ends a lease with the next one, if that is simple. @returns Whether it was */
function passOn<Incoming, Outgoing>(
  driver: Driver<Incoming, Outgoing>,
  connection: Connection<Incoming, Outgoing>,
  lease: number,
): boolean {
  // What is decided while actions are performed comes after them.
  if (driver.isPerforming) return false;
  const { slot } = connection;
  const waiter = handOver(driver.ledger, slot, lease, driver.turn.now());
  if (waiter === undefined) return false;
  grant(driver, connection, slot.lease, waiter);
  return true;
}

/** The general case of `release`. */
function decide<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
  lease: number,
  isDiscarded: boolean,
): Promise<void> {
  const { host: driver, slot } = connection;
  // Not even what is due is done for the sake of a dead lease.
  if (slot.lease !== lease) return done;
  driver.input((now) => {
    // What was due may have run user code, which has ended the lease already.
    if (slot.lease !== lease) return;
    const fate = isDiscarded || !connection.isReusable
      ? "discard"
      : driver.config.reset === undefined
      ? "reuse"
      : "reset";
    driver.state.release(slot, lease, fate, now);
    const duration = now - connection.leasedAt;
    // First of all that is told: the next lease may begin before the call returns.
    const tell = () =>
      driver.announcer.tell("release", connection, {
        reason: fate === "discard" ? "discarded" : "released",
        duration,
      });
    // An error costs its stack: it is made only where somebody is told.
    if (connection.isQuiet) {
      connection.handle = undefined;
      tell();
    } else connection.endLease(leaseReleased(connection.shown), true, tell);
  });
  if (slot.state !== SlotState.resetting) return done;
  connection.resetEnd ??= Promise.withResolvers();
  return connection.resetEnd.promise;
}

/** The handle of a lease was garbage-collected. */
export function collected<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
  lease: number,
): void {
  const { host: driver, slot } = connection;
  if (slot.lease !== lease) return;
  if (slot.state === SlotState.leased) {
    tellLeak(connection, "collected", driver.agenda.clock.now());
  }
  decide(connection, lease, true);
}

/** A lease was forgotten, or is held for too long. */
export function tellLeak<Incoming, Outgoing>(
  connection: Connection<Incoming, Outgoing>,
  reason: "held" | "collected",
  now: number,
): void {
  connection.host.announcer.tell("leak", connection, {
    reason,
    stack: connection.leaseStack,
    duration: now - connection.leasedAt,
  });
}
