import type { ConnectionPool } from "../../../mod.ts";
import type { CallerSignal } from "./caller_signal.ts";
import type { EventBook } from "./event_book.ts";
import type { LeaseBook } from "./lease_book.ts";
import type { Plan, Target } from "./plan.ts";
import type { Settlement } from "./settlement.ts";
import type { UserCode } from "./user_code.ts";
import type { World } from "./world.ts";

/** A pending acquire. */
export interface Acquire {
  readonly id: number;
  readonly target: Target;
  readonly fresh: boolean;
  readonly at: number;
  readonly deadline: number;
  /** Deliveries in all when it was called. */
  readonly turn: number;
  readonly signal: CallerSignal | undefined;
  /** Whether user code called it that the pool had called. */
  readonly isNested: boolean;
}

/** How acquires have ended, by the callers' own count. */
export interface Outcomes {
  started: number;
  granted: number;
  reused: number;
  exhausted: number;
  failed: number;
  closed: number;
  aborted: number;
  releases: number;
}

/** What callers share of a simulation. */
export interface Setting {
  readonly plan: Plan;
  readonly world: World;
  readonly pool: ConnectionPool;
  readonly book: LeaseBook;
  readonly events: EventBook;
  readonly settlement: Settlement;
  readonly userCode: UserCode;
}
