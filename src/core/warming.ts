import type { Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import { dialShare } from "./limits.ts";
import type { Payload } from "./slot.ts";
import { Warmer } from "./warmer.ts";

/** The pending `warm` calls: dials for them take nothing from anybody. */
export class Warming<P extends Payload> {
  readonly #ledger: Ledger<P>;
  readonly #warmers: Set<Warmer<P>> = new Set();

  constructor(ledger: Ledger<P>) {
    this.#ledger = ledger;
  }

  get size(): number {
    return this.#warmers.size;
  }

  add(
    key: Key<P>,
    count: number,
    at: number,
    ticket: P["warmTicket"],
  ): Warmer<P> {
    const warmer = new Warmer(key, count, at, ticket);
    this.#warmers.add(warmer);
    if (at !== Infinity) this.#ledger.deadlines.add(warmer);
    key.warmers++;
    return warmer;
  }

  /** Ends a `warm`, with what is idle by now; its dials in flight go on. */
  end(warmer: Warmer<P>): void {
    if (!this.#warmers.delete(warmer)) return;
    const { key } = warmer;
    if (warmer.at === Infinity) warmer.live = false;
    else this.#ledger.deadlines.cancel(warmer);
    key.warmers--;
    const idle = this.#resting(key);
    this.#ledger.actions.push({ kind: "warmed", warmer, idle });
    this.#ledger.settleBooks(key);
  }

  /** Ends those of one key, or all. */
  endAll(key?: Key<P>): void {
    for (const warmer of this.#warmers) {
      if (key === undefined || warmer.key === key) this.end(warmer);
    }
  }

  /** Dials where there is room, and ends what is done or can get no further. */
  run(): void {
    if (this.#warmers.size === 0) return;
    for (const warmer of this.#warmers) this.#dial(warmer);
    // Only now: a later one may have taken the last room of an earlier one.
    for (const warmer of this.#warmers) this.#endIfOver(warmer);
  }

  #dial({ key, count }: Warmer<P>): void {
    const { slots, limits } = this.#ledger;
    while (
      this.#resting(key) + this.#coming(key) < count && this.#hasRoom(key) &&
      slots.handshakes < limits.maxConnecting && this.#ledger.rateAllows &&
      !this.#holdsItsShare(key) && !this.#ledger.isRationed(key)
    ) this.#ledger.dial(key);
    if (!this.#ledger.rateAllows) this.#ledger.wakeForRate();
  }

  #endIfOver(warmer: Warmer<P>): void {
    const { key, count } = warmer;
    const isStuck = this.#coming(key) === 0 && !this.#hasRoom(key);
    if (this.#resting(key) >= count || isStuck) this.end(warmer);
  }

  #resting(key: Key<P>): number {
    return key.idle.size + key.probing;
  }

  /** Dials in flight that nobody waits for. */
  #coming(key: Key<P>): number {
    return Math.max(0, key.connecting - key.waiting);
  }

  #hasRoom(key: Key<P>): boolean {
    const { slots, limits, queue, now } = this.#ledger;
    return slots.size < limits.maxConnections &&
      key.size < limits.maxConnectionsPerKey && queue.mayTry(key, now);
  }

  /** While anybody wants to dial, a key's share of the handshakes is all it gets (4.3). */
  #holdsItsShare(key: Key<P>): boolean {
    const { limits, queue } = this.#ledger;
    return queue.dialable.size > 0 && key.handshakes >= dialShare(limits);
  }
}
