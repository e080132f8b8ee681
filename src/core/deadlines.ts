/**
 * A slot's deadlines: at most one of the state it is in, one of its life, and
 * one of its redial.
 *
 * @module
 */
import { Timer } from "./alarm.ts";
import type { Ledger } from "./ledger.ts";
import type { Payload, Redial, Slot } from "./slot.ts";

/** Where a slot keeps its deadlines, and what they are called. */
const KINDS = {
  alarm: "slot",
  lifetime: "lifetime",
} as const;

type Place = keyof typeof KINDS;

/** Sets a deadline in `delay` ms, `Infinity` for none, in the place of what was there. */
export function setAlarm<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
  place: Place,
  delay: number,
): void {
  cancelAlarm(ledger, slot, place);
  if (delay === Infinity) return;
  const alarm = new Timer(KINDS[place], ledger.now + delay, slot);
  slot[place] = alarm;
  ledger.deadlines.put(alarm);
}

export function cancelAlarm<P extends Payload>(
  { deadlines }: Ledger<P>,
  slot: Slot<P>,
  place: Place,
): void {
  const alarm = slot[place];
  if (alarm === undefined) return;
  deadlines.remove(alarm);
  slot[place] = undefined;
}

/** Sets the deadline of a redial's stage, which has none yet. */
export function setRedialAlarm<P extends Payload>(
  { deadlines, now }: Ledger<P>,
  redial: Redial<P>,
  delay: number,
): void {
  if (delay === Infinity) return;
  redial.alarm = new Timer("redial", now + delay, redial);
  deadlines.put(redial.alarm);
}

export function cancelRedialAlarm<P extends Payload>(
  { deadlines }: Ledger<P>,
  redial: Redial<P>,
): void {
  if (redial.alarm === undefined) return;
  deadlines.remove(redial.alarm);
  redial.alarm = undefined;
}
