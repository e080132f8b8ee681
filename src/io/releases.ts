import type { Ledger } from "../core/ledger.ts";
import { handOver, restore } from "../core/shortcuts.ts";
import { type Slot, SlotState } from "../core/slot.ts";
import type { Announcer } from "./announcer.ts";
import type { Connection } from "./connection.ts";
import type { Driver } from "./driver.ts";
import { leaseReleased } from "./lease_errors.ts";
import type { IoPayload } from "./payload.ts";

const done: Promise<void> = Promise.resolve();

/** How leases end: given back, discarded, or forgotten. */
export class Releases<Incoming, Outgoing> {
  readonly #driver: Driver<Incoming, Outgoing>;
  readonly #announcer: Announcer;
  readonly #ledger: Ledger<IoPayload<Incoming, Outgoing>>;
  readonly #resets: boolean;

  constructor(driver: Driver<Incoming, Outgoing>, announcer: Announcer) {
    this.#driver = driver;
    this.#announcer = announcer;
    this.#ledger = driver.ledger;
    this.#resets = driver.reset !== undefined;
  }

  release(
    connection: Connection<Incoming, Outgoing>,
    lease: number,
    isDiscarded: boolean,
  ): Promise<void> {
    if (
      isDiscarded || this.#resets || !connection.isPlain ||
      this.#announcer.isHeard("release")
    ) return this.#release(connection, lease, isDiscarded);
    const ledger = this.#ledger;
    const { slot } = connection;
    if (restore(ledger, slot, lease)) {
      connection.handle = undefined;
      return done;
    }
    const { performer, turn } = this.#driver;
    // What is decided while actions are performed comes after them.
    if (slot.key.waiters.size > 0 && !performer.isRunning) {
      const waiter = handOver(ledger, slot, lease, turn.now());
      if (waiter !== undefined) {
        performer.grant(slot, slot.lease, waiter);
        return done;
      }
    }
    return this.#release(connection, lease, false);
  }

  /** The handle of a lease was garbage-collected. */
  collected(
    slot: Slot<IoPayload<Incoming, Outgoing>>,
    lease: number,
  ): void {
    const { resource } = slot;
    if (slot.lease !== lease || resource === undefined) return;
    if (slot.state === SlotState.leased) {
      this.leaked(resource, "collected", this.#driver.agenda.clock.now());
    }
    this.#release(resource, lease, true);
  }

  /** A lease was forgotten, or is held for too long. */
  leaked(
    connection: Connection<Incoming, Outgoing>,
    reason: "held" | "collected",
    now: number,
  ): void {
    this.#announcer.tell("leak", connection, {
      reason,
      stack: connection.leaseStack,
      duration: now - connection.leasedAt,
    });
  }

  #release(
    connection: Connection<Incoming, Outgoing>,
    lease: number,
    isDiscarded: boolean,
  ): Promise<void> {
    const driver = this.#driver;
    const { slot } = connection;
    if (slot.lease !== lease) return done;
    const now = driver.begin();
    if (slot.lease !== lease) {
      // What was due has run user code, which has ended the lease already.
      driver.finish();
      return done;
    }
    const fate = isDiscarded || !connection.isReusable
      ? "discard"
      : driver.reset === undefined
      ? "reuse"
      : "reset";
    driver.state.release(slot, lease, fate, now);
    const duration = now - connection.leasedAt;
    // First of all that is told: the next lease may begin before the call returns.
    const tell = () =>
      this.#announcer.tell("release", connection, {
        reason: fate === "discard" ? "discarded" : "released",
        duration,
      });
    // An error costs its stack: it is made only where somebody is told.
    if (connection.isQuiet) {
      connection.handle = undefined;
      tell();
    } else connection.endLease(leaseReleased(connection.shown), true, tell);
    driver.finish();
    return slot.state === SlotState.resetting
      ? driver.performer.awaitReset(slot)
      : done;
  }
}
