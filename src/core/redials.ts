import type { ReconnectReason, RetireReason } from "./actions.ts";
import type { Ledger } from "./ledger.ts";
import type { Refusals } from "./refusals.ts";
import { type Payload, type Slot, SlotAlarm, SlotState } from "./slot.ts";

/**
 * Leased connections between two sockets (4.5). The slot stays leased and
 * keeps counting; its dial goes through the same queue, limits and backoff as
 * every other.
 */
export class Redials<P extends Payload> {
  readonly #ledger: Ledger<P>;
  readonly #refusals: Refusals<P>;
  /** Slots whose dead sockets may not linger yet, because too many do. */
  readonly #blocked: Set<Slot<P>> = new Set();

  constructor(ledger: Ledger<P>, refusals: Refusals<P>) {
    this.#ledger = ledger;
    this.#refusals = refusals;
  }

  /** Whether a lease of the slot outlives its socket. */
  canReconnect(slot: Slot<P>): boolean {
    const { phase, limits } = this.#ledger;
    return slot.state === SlotState.leased && phase === "open" &&
      limits.maxReconnectAttempts > 0;
  }

  /** The slot's socket is lost; `isOpen` says that it is dead but not closed. */
  begin(
    slot: Slot<P>,
    reason: ReconnectReason,
    isOpen: boolean,
    random: number,
  ): void {
    slot.redialAttempts = 0;
    this.#ledger.actions.push({ kind: "reconnecting", slot, reason });
    const { key, openedAt } = slot;
    if (isOpen) {
      // After a silence the redial starts at once (4.11), unless the key had trouble not long ago.
      this.#refusals.recordFlap(key, openedAt, random);
      this.#leaveSocket(slot);
    } else {
      this.#refusals.recordLoss(key, openedAt, random);
      this.#enqueue(slot);
    }
  }

  /** The slot's socket is closed in good order, to be replaced. */
  rotate(slot: Slot<P>): void {
    slot.redial = "closing";
    slot.redialAttempts = 0;
    this.#alarmAt(slot, this.#ledger.now + this.#ledger.limits.closeTimeout);
    const reason = "rotation";
    this.#ledger.actions.push({ kind: "reconnecting", slot, reason });
    this.#ledger.actions.push({ kind: "rotate", slot });
  }

  /** A rotating slot's old socket is closed. */
  rotated(slot: Slot<P>): void {
    this.#enqueue(slot);
  }

  /** The redial failed; `closed` says whether it left no socket behind. */
  failed(
    slot: Slot<P>,
    failure: P["failure"],
    fatal: boolean,
    closed: boolean,
    random: number,
  ): void {
    this.#ledger.endRedial(slot);
    this.#refusals.dialFailed(slot, failure, fatal, random);
    slot.redialAttempts++;
    if (
      fatal || !this.canReconnect(slot) ||
      slot.redialAttempts >= this.#ledger.limits.maxReconnectAttempts
    ) this.#giveUp(slot, closed);
    else if (closed) this.#enqueue(slot);
    else this.#leaveSocket(slot);
  }

  /** Its time is over: the close of a rotation, or the dial. */
  ring(slot: Slot<P>): void {
    slot.redialAlarm = undefined;
    if (slot.redial === "closing") this.#leaveSocket(slot);
    else if (slot.redial === "dialling") {
      const why = "timeout";
      this.#ledger.actions.push({ kind: "abort-dial", slot, why });
    }
  }

  /** The lease ends in the middle of it: the connection goes, whatever stage it is at. */
  drop(slot: Slot<P>, reason: RetireReason): void {
    const { redial } = slot;
    this.#blocked.delete(slot);
    this.#ledger.endRedial(slot);
    if (redial === "dialling") {
      const why = "unwanted";
      this.#ledger.actions.push({ kind: "abort-dial", slot, why });
    }
    if (redial === "queued") this.#ledger.retireClosed(slot, reason);
    else this.#ledger.retire(slot, reason);
  }

  /** The dead socket for whose sake the slot waits has closed. */
  unblockClosed(slot: Slot<P>): void {
    this.#blocked.delete(slot);
    this.#enqueue(slot);
  }

  /** An abandoned socket has closed: one more may be left behind. */
  unblock(): void {
    for (const slot of this.#blocked) {
      this.#blocked.delete(slot);
      this.#leaveSocket(slot);
      return;
    }
  }

  #enqueue(slot: Slot<P>): void {
    this.#ledger.endRedial(slot);
    slot.redial = "queued";
    slot.redialRank = this.#ledger.queue.takeSequence();
    slot.key.redials.push(slot);
    this.#ledger.settleBooks(slot.key);
  }

  /** Leaves the old socket to itself, unless too many linger: then the slot waits. */
  #leaveSocket(slot: Slot<P>): void {
    this.#ledger.endRedial(slot);
    if (!this.#ledger.mayLinger) {
      slot.redial = "blocked";
      this.#blocked.add(slot);
      // Its peer may wake up, and some runtimes end it without: then it blocks no more.
      this.#ledger.actions.push({ kind: "hang-up", slot });
      return;
    }
    this.#ledger.startLingering();
    this.#ledger.actions.push({ kind: "leave-socket", slot });
    this.#enqueue(slot);
  }

  #giveUp(slot: Slot<P>, closed: boolean): void {
    if (closed) {
      this.#ledger.lose(slot);
    } else {
      this.#ledger.loseOpen(slot);
    }
  }

  #alarmAt(slot: Slot<P>, at: number): void {
    if (at === Infinity) return;
    slot.redialAlarm = new SlotAlarm("redial", at, slot);
    this.#ledger.deadlines.add(slot.redialAlarm);
  }
}
