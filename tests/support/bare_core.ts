import type { Action } from "../../src/core/actions.ts";
import type { Key } from "../../src/core/key.ts";
import { ensureKey } from "../../src/core/keys.ts";
import type { Limits } from "../../src/core/limits.ts";
import { PoolState } from "../../src/core/pool_state.ts";
import { type Payload, type Slot, SlotState } from "../../src/core/slot.ts";
import type { Waiter } from "../../src/core/waiter.ts";

/** Records with words in place of sockets and promises. */
export interface BarePayload extends Payload {
  target: string;
  resource: undefined;
  ticket: string | undefined;
  answer: string;
  warmTicket: string;
  failure: string;
}

const LIMITS: Limits = {
  maxConnections: 10,
  maxConnectionsPerKey: Infinity,
  maxConnecting: 4,
  maxWaiting: Infinity,
  maxIdleTime: Infinity,
  maxLifetime: Infinity,
  healthCheckInterval: Infinity,
  healthCheckTimeout: 1_000,
  maxProbing: 1,
  connectTimeout: 5_000,
  resetTimeout: 2_000,
  closeTimeout: 3_000,
  leakThreshold: Infinity,
  backoff: {
    minDelay: 100,
    maxDelay: 1_000,
    multiplier: 2,
    jitter: 0,
    resetAfter: 60_000,
  },
  maxReconnectAttempts: Infinity,
  connectRate: undefined,
};

/** The core alone: the test plays the driver, and says what time it is. */
export class BareCore {
  readonly state: PoolState<BarePayload>;
  now = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.state = new PoolState({ ...LIMITS, ...limits });
  }

  key(name: string): Key<BarePayload> {
    return ensureKey(this.state.ledger, name, name);
  }

  /** The actions since the last look, in words: what, and of which slot. Ticks go without saying. */
  take(): string[] {
    return this.state.takeActions().map(describe)
      .filter((word) => word !== "tick");
  }

  /** Moves time, with everything that is due on the way. */
  advance(ms: number): string[] {
    const words: string[] = [];
    const end = this.now + ms;
    while (this.state.nextAt <= end) {
      this.now = Math.max(this.now, this.state.nextAt);
      this.state.advance(this.now);
      words.push(...this.take());
    }
    this.now = end;
    return words;
  }

  enqueue(
    name: string,
    timeout = Infinity,
    fresh = false,
  ): Waiter<BarePayload> {
    const { state, now } = this;
    const key = this.key(name);
    return state.enqueue(
      key,
      timeout,
      fresh,
      undefined,
      name,
      now,
    );
  }

  /** The slot whose dial is under way, of a first socket or another. */
  dialling(name: string): Slot<BarePayload> {
    const { connecting, redialling } = this.state.ledger;
    const redials = Array.from(redialling, ({ slot }) => slot);
    for (const slot of [...connecting, ...redials]) {
      if (slot.key.name === name) return slot;
    }
    throw new Error(`Nothing of ${name} is being dialled.`);
  }

  /** A leased slot, whose actions have been taken. */
  lease(name: string): Slot<BarePayload> {
    this.enqueue(name);
    const slot = this.dialling(name);
    this.state.opened(slot, this.now, 0);
    if (slot.state !== SlotState.leased) throw new Error("It is not leased.");
    this.take();
    return slot;
  }

  lose(slot: Slot<BarePayload>): void {
    this.state.lost(slot, this.now, true, false, 0);
  }

  silence(slot: Slot<BarePayload>): void {
    this.state.silent(slot, this.now, 0);
  }

  fail(slot: Slot<BarePayload>, fatal = false, closed = true): void {
    const { state, now } = this;
    if (slot.redial?.stage === "dialling") {
      state.redialFailed(slot, now, "refused", fatal, closed, 0);
    } else {
      state.dialFailed(slot, now, "refused", fatal, closed, 0);
    }
  }

  redialled(slot: Slot<BarePayload>): void {
    this.state.redialled(slot, this.now, 0);
  }

  release(slot: Slot<BarePayload>): void {
    this.state.release(slot, slot.lease, "reuse", this.now);
  }
}

function describe(action: Action<BarePayload>): string {
  switch (action.kind) {
    case "refuse":
      return `refuse ${action.waiter.cohort.key.name} ${action.refusal.kind}`;
    case "warmed":
    case "tick":
    case "closed":
      return action.kind;
    case "retire":
    case "reconnecting":
      return `${action.kind} ${action.slot.key.name} ${action.reason}`;
    case "abort-dial":
      return `${action.kind} ${action.slot.key.name} ${action.why}`;
    default:
      return `${action.kind} ${action.slot.key.name}`;
  }
}
