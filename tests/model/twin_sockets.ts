import type { PoolState } from "../../src/core/pool_state.ts";
import { type Slot, SlotState } from "../../src/core/slot.ts";
import type { BarePayload } from "../support/bare_core.ts";
import { choose } from "./commands.ts";
import type { CommandOf } from "./twin_commands.ts";

type State = PoolState<BarePayload>;

type SocketCommand =
  | CommandOf<"dialEnds">
  | CommandOf<"lost">
  | CommandOf<"spoiled" | "silent">
  | CommandOf<"hookDone">
  | CommandOf<"closed">;

const { idle, leased, probing, resetting, closing } = SlotState;

/** Tells a core what becomes of one of its sockets. */
export function hearOf(
  state: State,
  command: SocketCommand,
  now: number,
): void {
  switch (command.kind) {
    case "dialEnds":
      return endDial(state, command, now);
    case "hookDone":
      return endHook(state, command, now);
    case "closed": {
      const slot = chooseIn(state, command.pick, closing);
      if (slot !== undefined) state.closed(slot, now);
      return;
    }
  }
  const slot = chooseIn(state, command.pick, idle, leased, probing, resetting);
  if (slot === undefined) return;
  switch (command.kind) {
    case "lost":
      return state.lost(slot, now, command.isRetryable, command.isClean, 0);
    case "spoiled":
      return state.spoiled(slot, now);
    case "silent":
      return state.silent(slot, now, 0);
  }
}

function endDial(
  state: State,
  { pick, isBegun, outcome, closed }: CommandOf<"dialEnds">,
  now: number,
): void {
  const { ledger } = state;
  const redials = Array.from(ledger.redialling, ({ slot }) => slot);
  const slot = choose([...ledger.connecting, ...redials], pick);
  if (slot === undefined) return;
  const isRedial = slot.redial !== undefined;
  if (isBegun) state.dialBegun(slot, now);
  if (outcome === "open") {
    // Each its own, so that no two lives end at the same time.
    const spread = (slot.id * 0.137) % 1;
    if (isRedial) state.redialled(slot, now, spread);
    else state.opened(slot, now, spread);
    return;
  }
  const isFatal = outcome === "fatal";
  if (isRedial) state.redialFailed(slot, now, "refused", isFatal, closed, 0);
  else state.dialFailed(slot, now, "refused", isFatal, closed, 0);
}

function endHook(
  state: State,
  { pick, well }: CommandOf<"hookDone">,
  now: number,
): void {
  const slot = chooseIn(state, pick, probing, resetting);
  if (slot === undefined) return;
  if (slot.state === probing) state.probeDone(slot, well, now);
  else state.resetDone(slot, well, now);
}

function chooseIn(
  { ledger }: State,
  pick: number,
  ...states: SlotState[]
): Slot<BarePayload> | undefined {
  const slots = [...ledger.slots];
  return choose(slots.filter(({ state }) => states.includes(state)), pick);
}
