import type { Warmer } from "./alarm.ts";
import type { Payload, Slot } from "./slot.ts";
import type { Waiter } from "./waiter.ts";

/** Why a connection left the pool. */
export type RetireReason =
  | "idle"
  | "lifetime"
  | "probe"
  | "evicted"
  | "lost"
  | "discarded"
  | "cleared"
  | "closed";

/** Why a leased connection needs a new socket. */
export type ReconnectReason = "lost" | "heartbeat" | "rotation";

/** What an acquire was short of. */
export type WaitingFor = "slot" | "dial-slot" | "rate";

/** Why an acquire is refused. */
export type Refusal<P extends Payload> =
  | { readonly kind: "timeout"; readonly waitingFor: WaitingFor }
  | { readonly kind: "queue-full"; readonly waitingFor: WaitingFor }
  /** The waiter's own dial, by place in the queue, was under way or backing off at its deadline. */
  | { readonly kind: "dial-timeout"; readonly attempts: number }
  | {
    readonly kind: "failed";
    readonly failure: P["failure"];
    readonly attempts: number;
  }
  | { readonly kind: "closed" };

/** What the driver has to do after an input, in order. */
export type Action<P extends Payload> =
  | { readonly kind: "dial"; readonly slot: Slot<P> }
  /** A leased connection gets a new socket. */
  | { readonly kind: "redial"; readonly slot: Slot<P> }
  /** A leased connection has lost its socket, or gives it up in good order, and waits for a new one. */
  | {
    readonly kind: "reconnecting";
    readonly slot: Slot<P>;
    readonly reason: ReconnectReason;
  }
  /** The old socket of a leased connection is closed before its end of life. */
  | { readonly kind: "rotate"; readonly slot: Slot<P> }
  /** The slot goes on without its old socket, which may not be closed for long. */
  | { readonly kind: "leave-socket"; readonly slot: Slot<P> }
  /** The dial has to end now: its outcome is still reported. */
  | {
    readonly kind: "abort-dial";
    readonly slot: Slot<P>;
    readonly why: "timeout" | "unwanted";
  }
  | {
    readonly kind: "grant";
    readonly slot: Slot<P>;
    /** Number of the lease. */
    readonly lease: number;
    readonly waiter: Waiter<P>;
  }
  | {
    readonly kind: "refuse";
    readonly waiter: Waiter<P>;
    readonly refusal: Refusal<P>;
  }
  | { readonly kind: "probe"; readonly slot: Slot<P> }
  | { readonly kind: "reset"; readonly slot: Slot<P> }
  /** The probe or reset ran out of time: its outcome is still reported. */
  | { readonly kind: "abort-hook"; readonly slot: Slot<P> }
  /** The slot leaves the pool: its socket is to be closed, unless it was lost. */
  | {
    readonly kind: "retire";
    readonly slot: Slot<P>;
    readonly reason: RetireReason;
  }
  /** A dial that was given up succeeded all the same: close its socket. */
  | { readonly kind: "hang-up"; readonly slot: Slot<P> }
  /** The close handshake ran out of time. */
  | { readonly kind: "abandon"; readonly slot: Slot<P> }
  /** A leased connection was lost. */
  | { readonly kind: "lost"; readonly slot: Slot<P> }
  /** The lease has lasted longer than `leakThreshold`. */
  | { readonly kind: "leak"; readonly slot: Slot<P> }
  /** The pool is closed and the lease's time to drain is over. */
  | {
    readonly kind: "revoke";
    readonly slot: Slot<P>;
    readonly lease: number;
  }
  | {
    readonly kind: "warmed";
    readonly warmer: Warmer<P>;
    readonly idle: number;
  }
  | { readonly kind: "tick" }
  | {
    readonly kind: "closed";
    readonly drained: number;
    readonly forced: number;
  };
