/**
 * Leased connections between two sockets (4.5). The slot stays leased and keeps
 * counting; its dial goes through the same queue, limits and backoff as every
 * other.
 *
 * @module
 */
import type { ReconnectReason, RetireReason } from "./actions.ts";
import { setRedialAlarm } from "./deadlines.ts";
import { endRedial, leaveStage } from "./dials.ts";
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
import { type Payload, type Redial, type Slot, SlotState } from "./slot.ts";

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
  const redial = addRedial(ledger, slot, reason);
  if (isOpen) {
    // After a silence the redial starts at once (4.11), unless the key had trouble not long ago.
    recordFlap(ledger, slot, random);
    leaveSocket(ledger, redial);
  } else {
    recordLoss(ledger, slot, random);
    enqueueRedial(ledger, redial);
  }
}

/** The slot's socket is closed in good order, to be replaced. */
export function rotate<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  const redial = addRedial(ledger, slot, "rotation");
  setRedialAlarm(ledger, redial, ledger.limits.closeTimeout);
  ledger.actions.push({ kind: "rotate", slot });
}

function addRedial<P extends Payload>(
  { actions }: Ledger<P>,
  slot: Slot<P>,
  reason: ReconnectReason,
): Redial<P> {
  const redial: Redial<P> = {
    slot,
    stage: "closing",
    attempts: 0,
    rank: 0,
    alarm: undefined,
  };
  slot.redial = redial;
  actions.push({ kind: "reconnecting", slot, reason });
  return redial;
}

/** The slot has no socket any more, and waits for its dial. */
export function enqueueRedial<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
): void {
  const { key } = redial.slot;
  leaveStage(ledger, redial);
  redial.stage = "queued";
  redial.rank = ++ledger.sequence;
  key.redials.add(redial);
  settleBooks(ledger, key);
}

/** The redial failed; `closed` says whether it left no socket behind. */
export function redialFailed<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
  failure: P["failure"],
  fatal: boolean,
  closed: boolean,
  random: number,
): void {
  const { slot } = redial;
  leaveStage(ledger, redial);
  dialFailed(ledger, slot, failure, fatal, random);
  redial.attempts++;
  if (
    fatal || !canReconnect(ledger, slot) ||
    redial.attempts >= ledger.limits.maxReconnectAttempts
  ) {
    endRedial(ledger, redial);
    if (closed) lose(ledger, slot);
    else loseOpen(ledger, slot);
  } else if (closed) enqueueRedial(ledger, redial);
  else leaveSocket(ledger, redial);
}

/** Its time is over: the close of a rotation, or the dial. */
export function redialIsDue<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
): void {
  const { stage, slot } = redial;
  redial.alarm = undefined;
  if (stage === "closing") leaveSocket(ledger, redial);
  else if (stage === "dialling") {
    ledger.actions.push({ kind: "abort-dial", slot, why: "timeout" });
  }
}

/** The lease ends in the middle of it: the connection goes, whatever stage it is at. */
export function dropRedial<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
  reason: RetireReason,
): void {
  const { stage, slot } = redial;
  endRedial(ledger, redial);
  if (stage === "dialling") {
    ledger.actions.push({ kind: "abort-dial", slot, why: "unwanted" });
  }
  if (stage === "queued") retireClosed(ledger, slot, reason);
  else retire(ledger, slot, reason);
}

/** An abandoned socket closed after all: one more may be left behind. */
export function lingerEnded<P extends Payload>(ledger: Ledger<P>): void {
  endLingering(ledger);
  if (!ledger.mayLinger) return;
  for (const redial of ledger.blockedRedials) {
    leaveSocket(ledger, redial);
    return;
  }
}

/** Leaves the old socket to itself, unless too many linger: then the slot waits. */
function leaveSocket<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
): void {
  const { slot } = redial;
  leaveStage(ledger, redial);
  if (!ledger.mayLinger) {
    redial.stage = "blocked";
    ledger.blockedRedials.add(redial);
    // Its peer may wake up, and some runtimes end it without: then it blocks no more.
    ledger.actions.push({ kind: "hang-up", slot });
    return;
  }
  ledger.lingering++;
  ledger.actions.push({ kind: "leave-socket", slot });
  enqueueRedial(ledger, redial);
}
