/**
 * Leased connections between two sockets (4.5). The slot stays leased and keeps
 * counting; its dial goes through the same queue, limits and backoff as every
 * other.
 *
 * @module
 */
import type { ReconnectReason, RetireReason } from "./actions.ts";
import { setAlarm } from "./deadlines.ts";
import { endRedial } from "./dials.ts";
import {
  endLingering,
  lose,
  loseOpen,
  retire,
  retireClosed,
} from "./endings.ts";
import { recordFlap, recordLoss } from "./failures.ts";
import type { Ledger } from "./ledger.ts";
import { settleBooks } from "./queue.ts";
import { dialFailed } from "./refusals.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";

/** Whether a lease of the slot outlives its socket. */
export function canReconnect<P extends Payload>(
  { phase, limits }: Ledger<P>,
  slot: Slot<P>,
): boolean {
  return slot.state === SlotState.leased && phase === "open" &&
    limits.maxReconnectAttempts > 0;
}

/** The slot's socket is lost; `isOpen` says that it is dead but not closed. */
export function beginRedial<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  reason: ReconnectReason,
  isOpen: boolean,
  random: number,
): void {
  slot.redialAttempts = 0;
  ledger.actions.push({ kind: "reconnecting", slot, reason });
  if (isOpen) {
    // After a silence the redial starts at once (4.11), unless the key had trouble not long ago.
    recordFlap(ledger, slot, random);
    leaveSocket(ledger, slot);
  } else {
    recordLoss(ledger, slot, random);
    enqueueRedial(ledger, slot);
  }
}

/** The slot's socket is closed in good order, to be replaced. */
export function rotate<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  slot.redial = "closing";
  slot.redialAttempts = 0;
  setAlarm(ledger, slot, "redialAlarm", ledger.limits.closeTimeout);
  ledger.actions.push(
    { kind: "reconnecting", slot, reason: "rotation" },
    { kind: "rotate", slot },
  );
}

/** The slot has no socket any more, and waits for its dial. */
export function enqueueRedial<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  endRedial(ledger, slot);
  slot.redial = "queued";
  slot.redialRank = ++ledger.sequence;
  slot.key.redials.add(slot);
  settleBooks(ledger, slot.key);
}

/** The redial failed; `closed` says whether it left no socket behind. */
export function redialFailed<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  failure: P["failure"],
  fatal: boolean,
  closed: boolean,
  random: number,
): void {
  endRedial(ledger, slot);
  dialFailed(ledger, slot, failure, fatal, random);
  slot.redialAttempts++;
  if (
    fatal || !canReconnect(ledger, slot) ||
    slot.redialAttempts >= ledger.limits.maxReconnectAttempts
  ) {
    if (closed) lose(ledger, slot);
    else loseOpen(ledger, slot);
  } else if (closed) enqueueRedial(ledger, slot);
  else leaveSocket(ledger, slot);
}

/** Its time is over: the close of a rotation, or the dial. */
export function redialIsDue<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  slot.redialAlarm = undefined;
  if (slot.redial === "closing") leaveSocket(ledger, slot);
  else if (slot.redial === "dialling") {
    ledger.actions.push({ kind: "abort-dial", slot, why: "timeout" });
  }
}

/** The lease ends in the middle of it: the connection goes, whatever stage it is at. */
export function dropRedial<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  reason: RetireReason,
): void {
  const { redial } = slot;
  endRedial(ledger, slot);
  if (redial === "dialling") {
    ledger.actions.push({ kind: "abort-dial", slot, why: "unwanted" });
  }
  if (redial === "queued") retireClosed(ledger, slot, reason);
  else retire(ledger, slot, reason);
}

/** An abandoned socket closed after all: one more may be left behind. */
export function lingerEnded<P extends Payload>(ledger: Ledger<P>): void {
  endLingering(ledger);
  if (!ledger.mayLinger) return;
  for (const slot of ledger.blockedRedials) {
    leaveSocket(ledger, slot);
    return;
  }
}

/** Leaves the old socket to itself, unless too many linger: then the slot waits. */
function leaveSocket<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  endRedial(ledger, slot);
  if (!ledger.mayLinger) {
    slot.redial = "blocked";
    ledger.blockedRedials.add(slot);
    // Its peer may wake up, and some runtimes end it without: then it blocks no more.
    ledger.actions.push({ kind: "hang-up", slot });
    return;
  }
  ledger.lingering++;
  ledger.actions.push({ kind: "leave-socket", slot });
  enqueueRedial(ledger, slot);
}
