/**
 * Decides which key dials next, and what makes room for it.
 *
 * Keys go in the order of their oldest waiters. While several want to dial,
 * one holds at most half of the handshakes (4.3). A connection is retired, or
 * a dial that nobody waits for aborted, only for a dial that could start the
 * moment the room is there (4.11).
 *
 * @module
 */
import { abortDial, dial, isRationed, redial, wakeForRate } from "./dials.ts";
import { retire } from "./endings.ts";
import type { Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import { dialShare } from "./limits.ts";
import { refresh } from "./queue.ts";
import type { Payload, Slot } from "./slot.ts";
import { leastRecent } from "./slots.ts";

/** Starts every dial that may start now. */
export function runDials<P extends Payload>(ledger: Ledger<P>): void {
  const { dialable, yielding } = ledger;
  while (dialable.first !== undefined && !isHeld(ledger)) {
    const lastWanting = runOnce(ledger);
    if (!lastWanting) break;
  }
  for (const key of yielding) makeRoomForFresh(ledger, key);
}

/** Whether somebody holds each connection there may be: whoever wants to dial, there is no room to be made, and nothing to be aborted. */
export function isHeld<P extends Payload>(
  { slots, limits, idle, connecting, redialable }: Ledger<P>,
): boolean {
  return slots.size >= limits.maxConnections && idle === 0 &&
    connecting.size === 0 && redialable.size === 0;
}

/** At the key's own limit, used idle connections give way to waiters that want never-leased ones (4.11). */
function makeRoomForFresh<P extends Payload>(
  ledger: Ledger<P>,
  key: Key<P>,
): void {
  const { yielding, limits } = ledger;
  while (
    yielding.has(key) && key.idle[0] !== undefined &&
    ledger.handshakes < limits.maxConnecting && ledger.rateAllows
  ) retire(ledger, key.idle[0], "evicted");
}

/** @returns Whether one key was held back by its share for others that now have their dials. */
function runOnce<P extends Payload>(ledger: Ledger<P>): boolean {
  const { dialable, limits } = ledger;
  // Most runs start one dial, and need neither of these.
  /** Keys set aside, or with room set aside for them. */
  let touched: Set<Key<P>> | undefined;
  /** Keys set aside that want to dial all the same. */
  let aside: Set<Key<P>> | undefined;
  let heldBack = 0;
  // Room on its way: what is closing already will be free without evicting.
  let coming = ledger.closing;
  let handshakes = limits.maxConnecting - ledger.handshakes;
  let key = dialable.first;
  for (; key !== undefined; key = dialable.first) {
    // The retirement of one of its connections has brought it back.
    if (key.reserved > 0 && !wantsMore(ledger, key)) {
      dialable.remove(key);
      continue;
    }
    if (holdsItsShare(ledger, key) && dialable.size + (aside?.size ?? 0) > 1) {
      heldBack++;
      (aside ??= new Set()).add(key);
      (touched ??= new Set()).add(key);
      dialable.remove(key);
      continue;
    }
    if (isRationed(ledger, key)) {
      // A trial that nobody waits for keeps nobody from theirs.
      if (
        ledger.rateAllows &&
        abortUnwantedDial(ledger, ({ failing }) => failing !== undefined)
      ) {
        coming++;
        handshakes++;
        continue;
      }
      (aside ??= new Set()).add(key);
      (touched ??= new Set()).add(key);
      dialable.remove(key);
      continue;
    }
    if (!ledger.rateAllows) {
      wakeForRate(ledger);
      break;
    }
    if (handshakes <= 0) {
      if (!abortUnwantedDial(ledger)) break;
      coming++;
      handshakes++;
      continue;
    }
    handshakes--;
    const { nextRedial } = key;
    if (nextRedial !== undefined) {
      redial(ledger, nextRedial);
      continue;
    }
    if (ledger.slots.size < limits.maxConnections) {
      dial(ledger, key);
      continue;
    }
    if (coming > 0) coming--;
    else if (!makeRoom(ledger, key)) {
      // A leased slot has room for its next socket: it does not wait behind those that have none.
      if (ledger.redialable.size === 0) break;
      handshakes++;
      (touched ??= new Set()).add(key);
      dialable.remove(key);
      continue;
    }
    key.reserved++;
    (touched ??= new Set()).add(key);
    if (!wantsMore(ledger, key)) dialable.remove(key);
  }
  for (const key of touched ?? []) {
    key.reserved = 0;
    refresh(ledger, key);
  }
  return key === undefined && heldBack > 0 && dialable.size === 1;
}

function wantsMore<P extends Payload>(
  { limits }: Ledger<P>,
  key: Key<P>,
): boolean {
  return key.failing === undefined &&
    key.connecting + key.reserved < key.waiting &&
    key.size + key.reserved < limits.maxConnectionsPerKey;
}

function holdsItsShare<P extends Payload>(
  { limits }: Ledger<P>,
  key: Key<P>,
): boolean {
  return key.handshakes + key.reserved >= dialShare(limits);
}

/** Retires the least recently used idle slot of another key; the key's own oldest only if it wants a never-leased one. */
function makeRoom<P extends Payload>(ledger: Ledger<P>, key: Key<P>): boolean {
  const slot: Slot<P> | undefined = leastRecent(ledger, key) ??
    (key.freshWaiters.size > 0 ? key.idle[0] : undefined);
  if (slot === undefined) return abortUnwantedDial(ledger);
  retire(ledger, slot, "evicted");
  return true;
}

function abortUnwantedDial<P extends Payload>(
  ledger: Ledger<P>,
  isMeant?: (key: Key<P>) => boolean,
): boolean {
  for (const slot of ledger.connecting) {
    const { key } = slot;
    if (key.connecting <= key.waiting || isMeant?.(key) === false) continue;
    abortDial(ledger, slot);
    return true;
  }
  return false;
}
