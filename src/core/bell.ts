/**
 * What each deadline means when it has come.
 *
 * @module
 */
import type { Alarm } from "./alarm.ts";
import { endRateWait } from "./dials.ts";
import { abandon, retire } from "./endings.ts";
import type { Ledger } from "./ledger.ts";
import { refresh } from "./queue.ts";
import { canReconnect, redialIsDue, rotate } from "./redials.ts";
import { expire } from "./refusals.ts";
import { revokeLeases } from "./shutdown.ts";
import { type Payload, type Slot, SlotState } from "./slot.ts";
import { endWarmer } from "./warming.ts";

const { connecting, idle, leased, probing, resetting, closing } = SlotState;

/** Does everything whose time has come. */
export function ringDue<P extends Payload>(ledger: Ledger<P>): void {
  const { deadlines, now } = ledger;
  let alarm = deadlines.takeUpTo(now);
  while (alarm !== undefined) {
    ring(ledger, alarm);
    alarm = deadlines.takeUpTo(now);
  }
}

function ring<P extends Payload>(
  ledger: Ledger<P>,
  alarm: Alarm<P>,
): void {
  switch (alarm.kind) {
    case "cohort":
      while (alarm.first !== undefined) expire(ledger, alarm.first);
      break;
    case "warmer":
      endWarmer(ledger, alarm);
      break;
    case "slot":
      stateIsOver(ledger, alarm.subject);
      break;
    case "lifetime":
      lifeIsOver(ledger, alarm.subject);
      break;
    case "redial":
      redialIsDue(ledger, alarm.subject);
      break;
    case "rate":
      endRateWait(ledger);
      break;
    case "backoff":
      alarm.subject.wake = undefined;
      refresh(ledger, alarm.subject);
      break;
    case "drain":
      revokeLeases(ledger);
  }
}

/** A leased connection that can go on over another socket does; the others leave when nobody holds them. */
function lifeIsOver<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  slot.doom ??= "lifetime";
  if (slot.state === idle) retire(ledger, slot, "lifetime");
  else if (slot.redial === undefined && canReconnect(ledger, slot)) {
    rotate(ledger, slot);
  }
}

function stateIsOver<P extends Payload>(
  ledger: Ledger<P>,
  slot: Slot<P>,
): void {
  const { actions } = ledger;
  slot.alarm = undefined;
  switch (slot.state) {
    case connecting:
      actions.push({ kind: "abort-dial", slot, why: "timeout" });
      break;
    case leased:
      actions.push({ kind: "leak", slot });
      break;
    case probing:
    case resetting:
      actions.push({ kind: "abort-hook", slot });
      break;
    case closing:
      abandon(ledger, slot);
  }
}
