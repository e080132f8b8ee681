import type { Action, RetireReason } from "./actions.ts";
import { type Alarm, RateAlarm } from "./alarms.ts";
import { Counters } from "./counters.ts";
import { DeadlineHeap } from "./deadline_heap.ts";
import type { Key } from "./key.ts";
import { KeyTable } from "./key_table.ts";
import { dialShare, type Limits } from "./limits.ts";
import { RateLimit } from "./rate_limit.ts";
import {
  type Doom,
  type Payload,
  type Slot,
  SlotAlarm,
  SlotState,
} from "./slot.ts";
import { SlotTable } from "./slot_table.ts";
import { Upkeep } from "./upkeep.ts";
import { WaitQueue } from "./wait_queue.ts";

const { leased, probing, resetting, closing, gone } = SlotState;

/** Share of a lifetime by which connections born together are spread. */
const LIFETIME_SPREAD = 0.1;

/**
 * What the core knows, and the steps a slot can take. Each step leaves
 * collections, counts, deadlines and books in agreement; which step is due is
 * decided elsewhere.
 */
export class Ledger<P extends Payload> {
  readonly limits: Limits;
  readonly slots: SlotTable<P> = new SlotTable();
  readonly keys: KeyTable<P> = new KeyTable();
  readonly counters: Counters = new Counters();
  readonly deadlines: DeadlineHeap<Alarm<P>> = new DeadlineHeap();
  readonly queue: WaitQueue<P>;
  readonly upkeep: Upkeep<P>;
  /** What the inputs so far have asked for. */
  actions: Action<P>[] = [];
  /** The time of the current input. */
  now = 0;
  phase: "open" | "draining" | "closed" = "open";
  readonly #rate: RateLimit | undefined;
  #rateAlarm: RateAlarm | undefined;
  #lingering = 0;
  /** Slots past `closeTimeout` that may not linger, because too many do. */
  readonly #overdue: Set<Slot<P>> = new Set();

  constructor(limits: Limits) {
    this.limits = limits;
    const { connectRate } = limits;
    this.#rate = connectRate && new RateLimit(connectRate);
    this.queue = new WaitQueue(limits, this.deadlines);
    this.upkeep = new Upkeep(limits, this.slots, this);
  }

  /** Abandoned sockets that are not known to be closed. */
  get lingering(): number {
    return this.#lingering;
  }

  get mayLinger(): boolean {
    return this.#lingering < this.limits.maxConnections;
  }

  /** Whether a failing key has to wait for the trials of others: all failing keys together have the share of one. */
  isRationed(key: Key<P>): boolean {
    if (key.failing === undefined) return false;
    let trials = 0;
    for (const slot of this.slots.connecting) if (slot.key.failing) trials++;
    for (const slot of this.slots.redialling) if (slot.key.failing) trials++;
    return trials >= dialShare(this.limits);
  }

  /** Whether the rate of dials allows one now. */
  get rateAllows(): boolean {
    return this.#rateFreeAt <= this.now;
  }

  get #rateFreeAt(): number {
    return this.#rate?.freeAt ?? -Infinity;
  }

  /** Has the core run again when the rate of dials allows another. */
  wakeForRate(): void {
    const at = this.#rateFreeAt;
    if (at === Infinity || this.#rateAlarm !== undefined) return;
    this.#rateAlarm = new RateAlarm(at);
    this.deadlines.add(this.#rateAlarm);
  }

  /** The alarm of {@linkcode wakeForRate} is over. */
  endRateWait(): void {
    if (this.#rateAlarm === undefined) return;
    this.deadlines.cancel(this.#rateAlarm);
    this.#rateAlarm = undefined;
  }

  /** The socket of a dial is asked for now: from here on the dial counts in the rate. */
  beginDial(slot: Slot<P>): void {
    if (!slot.holdsRate) return;
    slot.holdsRate = false;
    this.#rate?.begin(this.now);
  }

  /** Nobody uses a present slot again once its holder is done with it. */
  doomAll(doom: Doom): void {
    for (const slot of this.slots.all) slot.doom = doom;
  }

  dial(key: Key<P>): void {
    const slot = this.slots.add(key);
    slot.dialledAt = this.now;
    this.#holdRate(slot);
    this.#alarmAt(slot, this.now + this.limits.connectTimeout);
    this.queue.refresh(key, this.now);
    this.actions.push({ kind: "dial", slot });
  }

  /** Starts the dial of a leased slot's new socket. */
  redial(slot: Slot<P>): void {
    const { key } = slot;
    this.endRedial(slot);
    slot.redial = "dialling";
    slot.dialledAt = this.now;
    key.redialling++;
    this.slots.redialling.add(slot);
    this.#holdRate(slot);
    const at = this.now + this.limits.connectTimeout;
    if (at !== Infinity) {
      slot.redialAlarm = new SlotAlarm("redial", at, slot);
      this.deadlines.add(slot.redialAlarm);
    }
    this.queue.refresh(key, this.now);
    this.actions.push({ kind: "redial", slot });
  }

  /** Takes a slot out of whatever stage of a redial it is at. */
  endRedial(slot: Slot<P>): void {
    const { key, redial } = slot;
    if (redial === "none") return;
    slot.redial = "none";
    if (slot.redialAlarm !== undefined) {
      this.deadlines.cancel(slot.redialAlarm);
      slot.redialAlarm = undefined;
    }
    if (redial === "queued") key.redials.remove(slot);
    if (redial === "dialling") {
      key.redialling--;
      this.slots.redialling.delete(slot);
    }
    this.queue.refresh(key, this.now);
  }

  /** A leased slot has its new socket. */
  reconnected(slot: Slot<P>, spread: number): void {
    this.endRedial(slot);
    this.counters.reconnects++;
    this.#settleSuccess(slot, spread);
  }

  #holdRate(slot: Slot<P>): void {
    if (this.#rate === undefined) return;
    this.#rate.hold();
    slot.holdsRate = true;
  }

  /** A dial that ends before its socket was asked for leaves its place to another. */
  giveRateBack(slot: Slot<P>): void {
    if (!slot.holdsRate) return;
    slot.holdsRate = false;
    this.#rate?.giveBack();
  }

  abortDial(slot: Slot<P>): void {
    this.beginClosing(slot);
    this.actions.push({ kind: "abort-dial", slot, why: "unwanted" });
  }

  /** A dial succeeded: the slot is a connection from here on. */
  open(slot: Slot<P>, spread: number): void {
    this.silence(slot);
    this.counters.opened++;
    this.#settleSuccess(slot, spread);
  }

  #settleSuccess(slot: Slot<P>, spread: number): void {
    this.beginDial(slot);
    this.upkeep.start(this.now);
    const { resetAfter } = this.limits.backoff;
    this.keys.succeeded(slot.key, this.now, resetAfter);
    this.queue.refresh(slot.key, this.now);
    this.#endLifetime(slot);
    slot.openedAt = this.now;
    slot.spread = spread;
    if (slot.doom === "lifetime") slot.doom = undefined;
    slot.checkedAt = this.now;
    const { maxLifetime } = this.limits;
    if (maxLifetime === Infinity) return;
    const at = this.now + maxLifetime * (1 - LIFETIME_SPREAD * spread);
    slot.lifetime = new SlotAlarm("lifetime", at, slot);
    this.deadlines.add(slot.lifetime);
  }

  /** A slot goes to a waiter. */
  lease(slot: Slot<P>): void {
    if (slot.state !== leased) this.slots.move(slot, leased);
    if (slot.lease++ === 0) this.counters.acquiredUnused++;
    this.counters.acquired++;
    this.watch(slot, this.now);
  }

  /** Has a lease that begins now announced as a leak when it lasts too long. */
  watch(slot: Slot<P>, now: number): void {
    const { leakThreshold } = this.limits;
    if (leakThreshold !== Infinity) this.#alarmAt(slot, now + leakThreshold);
  }

  /** The holder's part of a release: its number is dead from here on (I7). */
  endLease(slot: Slot<P>): void {
    slot.lease++;
    this.counters.released++;
    if (slot.state === leased) this.silence(slot);
  }

  rest(slot: Slot<P>): void {
    // A probe neither uses a connection nor makes it younger.
    if (slot.state === probing) {
      this.slots.putBack(slot);
    } else {
      slot.idleSince = this.upkeep.tickedAt;
      slot.checkedAt = this.upkeep.tickedAt;
      this.slots.rest(slot);
    }
    this.idleChanged(slot.key);
  }

  reset(slot: Slot<P>): void {
    this.slots.move(slot, resetting);
    this.#alarmAt(slot, this.now + this.limits.resetTimeout);
    this.actions.push({ kind: "reset", slot });
  }

  probe(slot: Slot<P>): void {
    this.slots.move(slot, probing);
    this.idleChanged(slot.key);
    this.#alarmAt(slot, this.now + this.limits.healthCheckTimeout);
    this.actions.push({ kind: "probe", slot });
  }

  retire(slot: Slot<P>, reason: RetireReason): void {
    this.#endHook(slot);
    this.counters.retired[reason]++;
    this.beginClosing(slot);
    this.actions.push({ kind: "retire", slot, reason });
  }

  /** A slot leaves whose socket is closed already. */
  retireClosed(slot: Slot<P>, reason: RetireReason): void {
    this.counters.retired[reason]++;
    this.forget(slot);
    this.actions.push({ kind: "retire", slot, reason });
  }

  /** A leased connection is lost though its socket is not closed yet. */
  loseOpen(slot: Slot<P>): void {
    this.counters.retired.lost++;
    this.beginClosing(slot);
    this.actions.push({ kind: "hang-up", slot }, { kind: "lost", slot });
  }

  /** An open socket closed unasked. */
  lose(slot: Slot<P>): void {
    const wasLeased = slot.state === leased;
    this.#endHook(slot);
    this.counters.retired.lost++;
    this.forget(slot);
    this.actions.push(
      wasLeased
        ? { kind: "lost", slot }
        : { kind: "retire", slot, reason: "lost" },
    );
  }

  beginClosing(slot: Slot<P>): void {
    this.slots.move(slot, closing);
    this.#alarmAt(slot, this.now + this.limits.closeTimeout);
    this.settleBooks(slot.key);
  }

  forget(slot: Slot<P>): void {
    this.giveRateBack(slot);
    this.silence(slot);
    this.#endLifetime(slot);
    this.#overdue.delete(slot);
    this.slots.move(slot, gone);
    this.settleBooks(slot.key);
  }

  /**
   * Gives up on a socket that does not close, unless too many linger: then it
   * holds its slot. A pool that ends dials no more, and waits for none of them.
   */
  abandon(slot: Slot<P>): void {
    if (this.phase === "open" && !this.mayLinger) {
      this.#overdue.add(slot);
      return;
    }
    this.startLingering();
    this.forget(slot);
    this.actions.push({ kind: "abandon", slot });
  }

  startLingering(): void {
    this.#lingering++;
  }

  /** Gives up on those that hold their slots because too many linger. */
  abandonOverdue(): void {
    for (const slot of [...this.#overdue]) this.abandon(slot);
  }

  /** An abandoned socket closed after all: one that holds its slot may linger in its place. */
  lingerEnded(): void {
    this.#lingering--;
    for (const slot of this.#overdue) {
      this.abandon(slot);
      return;
    }
  }

  silence(slot: Slot<P>): void {
    if (slot.alarm === undefined) return;
    this.deadlines.cancel(slot.alarm);
    slot.alarm = undefined;
  }

  settleBooks(key: Key<P>): void {
    this.queue.refresh(key, this.now);
    this.keys.dropIfUnused(key);
  }

  #endLifetime(slot: Slot<P>): void {
    if (slot.lifetime === undefined) return;
    this.deadlines.cancel(slot.lifetime);
    slot.lifetime = undefined;
  }

  /** Only waiters for a never-leased connection wait beside idle ones, and count on them. */
  idleChanged(key: Key<P>): void {
    if (key.freshWaiters.size > 0) this.queue.refresh(key, this.now);
  }

  #alarmAt(slot: Slot<P>, at: number): void {
    this.silence(slot);
    if (at === Infinity) return;
    slot.alarm = new SlotAlarm("slot", at, slot);
    this.deadlines.add(slot.alarm);
  }

  #endHook(slot: Slot<P>): void {
    if (slot.state === probing || slot.state === resetting) {
      this.actions.push({ kind: "abort-hook", slot });
    }
  }
}
