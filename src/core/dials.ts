/**
 * Dials, of first sockets and of those that replace a lost one: their beginning
 * within the rate, and their success.
 *
 * @module
 */
import { Timer } from "./alarm.ts";
import {
  cancelAlarm,
  cancelRedialAlarm,
  setAlarm,
  setRedialAlarm,
} from "./deadlines.ts";
import { beginClosing } from "./endings.ts";
import type { Key } from "./key.ts";
import { recordSuccess } from "./keys.ts";
import type { Ledger } from "./ledger.ts";
import { dialShare } from "./limits.ts";
import { refresh } from "./queue.ts";
import type { Payload, Redial, Slot } from "./slot.ts";
import { addSlot } from "./slots.ts";
import { startTicking } from "./upkeep.ts";

/** Share of a lifetime by which connections born together are spread. */
const LIFETIME_SPREAD = 0.1;

export function dial<P extends Payload>(ledger: Ledger<P>, key: Key<P>): void {
  const slot = addSlot(ledger, key);
  setAlarm(ledger, slot, "alarm", ledger.limits.connectTimeout);
  begin(ledger, slot);
  ledger.actions.push({ kind: "dial", slot });
}

/** Starts the dial of a leased slot's new socket. */
export function redial<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
): void {
  const { slot } = redial;
  leaveStage(ledger, redial);
  redial.stage = "dialling";
  slot.key.redialling++;
  ledger.redialling.add(redial);
  setRedialAlarm(ledger, redial, ledger.limits.connectTimeout);
  begin(ledger, slot);
  ledger.actions.push({ kind: "redial", slot });
}

/** A dial that is decided holds a place in the rate until its socket is asked for. */
function begin<P extends Payload>(ledger: Ledger<P>, slot: Slot<P>): void {
  slot.since = ledger.now;
  ledger.rate?.hold(slot);
  refresh(ledger, slot.key);
}

/** Has the core run again when the rate of dials allows another. */
export function wakeForRate<P extends Payload>(ledger: Ledger<P>): void {
  const at = ledger.rateFreeAt;
  if (at === Infinity || ledger.rateAlarm !== undefined) return;
  ledger.rateAlarm = new Timer("rate", at, undefined);
  ledger.deadlines.put(ledger.rateAlarm);
}

/** Nobody waits for the rate of dials any more. */
export function endRateWait<P extends Payload>(ledger: Ledger<P>): void {
  if (ledger.rateAlarm === undefined) return;
  ledger.deadlines.remove(ledger.rateAlarm);
  ledger.rateAlarm = undefined;
}

/** Whether a failing key has to wait for the trials of others: all failing keys together have the share of one. */
export function isRationed<P extends Payload>(
  { connecting, redialling, limits }: Ledger<P>,
  key: Key<P>,
): boolean {
  if (key.failing === undefined) return false;
  let trials = 0;
  for (const slot of connecting) if (slot.key.failing) trials++;
  for (const { slot } of redialling) if (slot.key.failing) trials++;
  return trials >= dialShare(limits);
}

/** Gives up a dial that is of no more use. */
export function abortDial<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  beginClosing(ledger, slot);
  ledger.actions.push({ kind: "abort-dial", slot, why: "unwanted" });
}

/** A dial succeeded: the slot is a connection from here on. */
export function noteOpened<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  spread: number,
): void {
  cancelAlarm(ledger, slot, "alarm");
  ledger.counters.opened++;
  noteSuccess(ledger, slot, spread);
}

/** A leased slot has its new socket. */
export function noteReconnected<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
  spread: number,
): void {
  endRedial(ledger, redial);
  ledger.counters.reconnects++;
  noteSuccess(ledger, redial.slot, spread);
}

function noteSuccess<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  spread: number,
): void {
  const { now, limits: { maxLifetime } } = ledger;
  ledger.rate?.begin(slot, now);
  startTicking(ledger);
  recordSuccess(ledger, slot.key);
  refresh(ledger, slot.key);
  slot.openedAt = slot.checkedAt = now;
  slot.spread = spread;
  if (slot.doom === "lifetime") slot.doom = undefined;
  const lifetime = maxLifetime * (1 - LIFETIME_SPREAD * spread);
  setAlarm(ledger, slot, "lifetime", lifetime);
}

/** The slot has its new socket, or is to have none. */
export function endRedial<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
): void {
  leaveStage(ledger, redial);
  redial.slot.redial = undefined;
}

/** Takes a redial out of its stage: whatever socket there is has to go before the next. */
export function leaveStage<P extends Payload>(
  ledger: Ledger<P>,
  redial: Redial<P>,
): void {
  const { stage, slot: { key } } = redial;
  redial.stage = "closing";
  cancelRedialAlarm(ledger, redial);
  if (stage === "queued") key.redials.delete(redial);
  if (stage === "blocked") ledger.blockedRedials.delete(redial);
  if (stage === "dialling") {
    key.redialling--;
    ledger.redialling.delete(redial);
  }
  refresh(ledger, key);
}
