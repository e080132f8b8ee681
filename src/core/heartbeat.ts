/** The numbers of a heartbeat, in ms. */
export interface HeartbeatPolicy {
  readonly interval: number;
  readonly timeout: number;
  readonly maxSilence: number;
}

/** What a socket shows of itself without being asked. */
export interface Vitals {
  /** Messages and pongs that came in since the heartbeat began: a count, so that hearing costs no look at the clock. */
  readonly heard: number;
  /** Bytes that have not left the process. */
  readonly unsent: number;
  /** What was handed to the socket since then: bytes of binary data, UTF-16 code units of text. */
  readonly handed: number;
}

/** What a heartbeat asks for. */
export type Verdict =
  | { readonly kind: "well" }
  | { readonly kind: "ping" }
  | { readonly kind: "lost"; readonly silence: number };

const WELL: Verdict = { kind: "well" };
const PING: Verdict = { kind: "ping" };

/** A check this late says more about this process than about the peer. */
const STALL = 1_000;

/** How finely silence is measured: in shares of `maxSilence`. */
const SILENCE_STEPS = 10;

/**
 * Whether the peer of one socket is alive.
 *
 * - Anything that comes in is life.
 * - Every `interval` a ping goes out, at most one at a time; `timeout` without
 *   life after it, and the peer is lost. Where nothing can be sent for that
 *   purpose, bytes that do not leave in that time tell the same.
 * - `maxSilence` without life is enough without any ping.
 * - After a standstill of the process the peer is asked once more.
 */
export class Heartbeat {
  readonly #policy: HeartbeatPolicy;
  readonly #canPing: boolean;
  #aliveAt: number;
  #heard: number;
  #pingAt: number;
  /** When the last ping or the last unsent bytes were noted, while no life has followed. */
  #askedAt: number | undefined;
  #unsent = 0;
  #handed = 0;
  /** Whether no life has followed the last re-validation. */
  #isRevalidated = false;
  #nextAt = 0;

  constructor(
    policy: HeartbeatPolicy,
    canPing: boolean,
    now: number,
    heard: number,
  ) {
    this.#policy = policy;
    this.#canPing = canPing;
    this.#aliveAt = now;
    this.#heard = heard;
    this.#pingAt = now + policy.interval;
    this.#schedule(now);
  }

  /** When the next check is due. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** Nobody is interested for a while: what was asked needs no answer. */
  rest(now: number, { heard }: Vitals): void {
    this.#heard = heard;
    this.#aliveAt = now;
    this.#askedAt = undefined;
    this.#pingAt = now + this.#policy.interval;
    this.#schedule(now);
  }

  check(now: number, vitals: Vitals): Verdict {
    if (this.#isLate(now - this.#nextAt)) this.#revalidate(now);
    if (vitals.heard !== this.#heard) {
      this.#heard = vitals.heard;
      this.#aliveAt = now;
      this.#askedAt = undefined;
      this.#isRevalidated = false;
    }
    const verdict = this.#judge(now, vitals);
    this.#schedule(now);
    return verdict;
  }

  #judge(now: number, { unsent, handed }: Vitals): Verdict {
    const { interval, timeout, maxSilence } = this.#policy;
    const silence = now - this.#aliveAt;
    if (silence >= maxSilence) return { kind: "lost", silence };
    if (this.#askedAt !== undefined) {
      if (!this.#canPing && this.#hasLeft(unsent, handed)) {
        this.#askedAt = undefined;
      } else if (now - this.#askedAt >= timeout) {
        return { kind: "lost", silence };
      }
    }
    if (now < this.#pingAt || this.#askedAt !== undefined) return WELL;
    this.#pingAt = now + interval;
    if (!this.#canPing && unsent === 0) return WELL;
    this.#askedAt = now;
    this.#unsent = unsent;
    this.#handed = handed;
    return this.#canPing ? PING : WELL;
  }

  /** Whether anything has left the process, however much was added. */
  #hasLeft(unsent: number, handed: number): boolean {
    return unsent - this.#unsent < handed - this.#handed;
  }

  /** Half of a short timeout is much too: but only once, or a busy process would never find a dead peer. */
  #isLate(late: number): boolean {
    return late >= STALL ||
      (late >= this.#policy.timeout / 2 && !this.#isRevalidated);
  }

  /** The peer's answer may wait behind whatever kept this process busy: it is asked anew. */
  #revalidate(now: number): void {
    this.#isRevalidated = true;
    this.#aliveAt = now;
    this.#askedAt = undefined;
    this.#pingAt = now;
  }

  #schedule(now: number): void {
    const { timeout, maxSilence } = this.#policy;
    const next = this.#askedAt === undefined
      ? this.#pingAt
      : this.#askedAt + timeout;
    this.#nextAt = Math.min(next, now + maxSilence / SILENCE_STEPS);
  }
}
