import type { Refusal, WaitingFor } from "./actions.ts";
import { backoffDelay } from "./backoff.ts";
import type { FailureRecord, Key } from "./key.ts";
import type { Ledger } from "./ledger.ts";
import type { Payload, Slot } from "./slot.ts";
import type { Waiter } from "./waiter.ts";

/** Every answer to a waiter but a connection: full queue, deadline, failed dial, closed pool. */
export class Refusals<P extends Payload> {
  readonly #ledger: Ledger<P>;

  constructor(ledger: Ledger<P>) {
    this.#ledger = ledger;
  }

  refuse(waiter: Waiter<P>, refusal: Refusal<P>): void {
    const { counters } = this.#ledger;
    switch (refusal.kind) {
      case "closed":
        counters.closed++;
        break;
      case "failed":
      case "dial-timeout":
        counters.failed++;
        break;
      case "timeout":
      case "queue-full":
        counters.exhausted++;
    }
    this.#ledger.actions.push({ kind: "refuse", waiter, refusal });
    this.leave(waiter);
  }

  /** Takes the waiter out of the queue, unanswered. */
  leave(waiter: Waiter<P>): void {
    this.#ledger.queue.remove(waiter);
    this.#ledger.settleBooks(waiter.key);
  }

  /** The waiter's deadline has passed. */
  expire(waiter: Waiter<P>): void {
    const { failing } = waiter.key;
    this.refuse(
      waiter,
      this.#ownsDial(waiter)
        ? { kind: "dial-timeout", attempts: failing?.attempts ?? 0 }
        : { kind: "timeout", waitingFor: this.shortOf() },
    );
  }

  closeAll(): void {
    for (const key of [...this.#ledger.keys.all]) {
      let waiter = key.oldestWaiter;
      while (waiter !== undefined) {
        this.refuse(waiter, { kind: "closed" });
        waiter = key.oldestWaiter;
      }
    }
  }

  /** What the pool is short of at this moment. */
  shortOf(): WaitingFor {
    const { slots, limits, rateAllows } = this.#ledger;
    if (slots.size >= limits.maxConnections) return "slot";
    if (!rateAllows) return "rate";
    return slots.handshakes >= limits.maxConnecting ? "dial-slot" : "slot";
  }

  /** How many waiters have neither a dial in flight nor a chance of one. */
  get unreserved(): number {
    const { slots, limits, queue } = this.#ledger;
    return queue.unreserved(
      limits.maxConnections - slots.size + slots.idle + slots.closing,
    );
  }

  /**
   * A dial failed.
   *
   * - Dials that were under way together and fail together say the same thing:
   *   each is counted, but the backoff grows once.
   * - Where connections are reconnected, waiters keep waiting for the next
   *   trial; else the oldest is refused, and all of them when it was the last
   *   dial in flight (4.2).
   * - A fatal failure, or one too many, refuses all of them in either case.
   */
  dialFailed(
    { key, dialledAt }: Slot<P>,
    failure: P["failure"],
    fatal: boolean,
    random: number,
  ): void {
    const { counters, limits } = this.#ledger;
    counters.connectFailures++;
    // A success clears what dials failed before it (4.2).
    const { failing } = key;
    const attempts = (failing?.attempts ?? 0) + 1;
    if (failing !== undefined && dialledAt < failing.retryAt && !fatal) {
      // Dials that were in flight together are one trial of the host.
      this.#ledger.keys.fail(key, { ...failing, attempts, failure });
      this.#ledger.settleBooks(key);
    } else {
      // After a fatal failure the shortest delay is enough: nobody retries it but a new acquire.
      const rounds = fatal ? 1 : (failing?.rounds ?? 0) + 1;
      this.#record(key, failure, attempts, rounds, random);
    }
    const { maxReconnectAttempts } = limits;
    if (!fatal && attempts < maxReconnectAttempts) return;
    const all = fatal || maxReconnectAttempts > 0 || key.connecting === 0;
    let waiter = key.oldestWaiter;
    while (waiter !== undefined) {
      this.refuse(waiter, { kind: "failed", failure, attempts });
      waiter = all ? key.oldestWaiter : undefined;
    }
  }

  /**
   * A leased connection was lost that is to be reconnected. One that had not
   * been up for `resetAfter` goes on counting where the failures before it
   * ended (4.5). Connections that are lost together, as when a server restarts,
   * are one failure: those opened before the last one was known add nothing.
   */
  recordLoss(key: Key<P>, openedAt: number, random: number): void {
    const known = this.#known(key);
    const isOld = known !== undefined && openedAt < known.retryAt;
    if (isOld && known.isFailing) return;
    const more = isOld ? 0 : 1;
    const attempts = (known?.attempts ?? 0) + more;
    const rounds = (known?.rounds ?? 0) + more;
    this.#record(key, undefined, attempts, rounds, random);
  }

  /** A connection ends for good: a host that accepts and breaks off at once must not be dialled in a loop (F81). */
  noteEnd({ key, openedAt }: Slot<P>, isClean: boolean, random: number): void {
    const { now, limits, phase } = this.#ledger;
    if (phase !== "open" || isClean) return;
    if (now - openedAt >= limits.backoff.minDelay) return;
    this.recordFlap(key, openedAt, random);
  }

  /**
   * An endpoint took a connection and broke it off at once (F81), or fell
   * silent: bad luck the first time, a failure when it happens again.
   */
  recordFlap(key: Key<P>, openedAt: number, random: number): void {
    const { keys, now, limits } = this.#ledger;
    if (this.#known(key) !== undefined) {
      this.recordLoss(key, openedAt, random);
      return;
    }
    keys.fail(key, {
      isFailing: false,
      attempts: 1,
      rounds: 1,
      failure: undefined,
      retryAt: now,
      forgetAt: now + limits.backoff.resetAfter,
    });
  }

  /** The key fails from here on: its next dial waits. */
  #record(
    key: Key<P>,
    failure: P["failure"] | undefined,
    attempts: number,
    rounds: number,
    random: number,
  ): void {
    const { limits, keys, now, phase } = this.#ledger;
    const { backoff } = limits;
    const retryAt = now + backoffDelay(backoff, rounds, random);
    const forgetAt = retryAt + backoff.resetAfter;
    if (phase === "open") {
      const isFailing = true;
      const record = {
        isFailing,
        attempts,
        rounds,
        failure,
        retryAt,
        forgetAt,
      };
      keys.fail(key, record);
    }
    this.#ledger.settleBooks(key);
  }

  /** What the key did before, while that is of interest. */
  #known({ failed }: Key<P>): FailureRecord<P> | undefined {
    return failed !== undefined && failed.forgetAt > this.#ledger.now
      ? failed
      : undefined;
  }

  /** A backoff lasts no longer than half of what the newcomer has left (4.11). */
  capBackoff(key: Key<P>, deadline: number): void {
    const { failing } = key;
    if (failing === undefined || key.handshakes > 0) return;
    const { now } = this.#ledger;
    const latest = now + (deadline - now) / 2;
    if (latest < failing.retryAt) key.failed = { ...failing, retryAt: latest };
  }

  /** Whether a dial in flight or in backoff is this waiter's by its place in the queue. */
  #ownsDial(waiter: Waiter<P>): boolean {
    const { key } = waiter;
    const isBackingOff = key.connecting === 0 && key.failing !== undefined;
    return key.isAmongFirst(isBackingOff ? 1 : key.connecting, waiter);
  }
}
