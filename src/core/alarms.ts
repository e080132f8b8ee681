import type { Cohort } from "./cohort.ts";
import type { Due } from "./deadline_heap.ts";
import type { BackoffAlarm } from "./key.ts";
import type { Payload, SlotAlarm } from "./slot.ts";
import type { Warmer } from "./warmer.ts";

/** The end of the time that leases have after `close`. */
export class DrainAlarm implements Due {
  readonly kind = "drain";
  readonly at: number;
  live = true;

  constructor(at: number) {
    this.at = at;
  }
}

/** The moment at which the rate of dials allows another. */
export class RateAlarm implements Due {
  readonly kind = "rate";
  readonly at: number;
  live = true;

  constructor(at: number) {
    this.at = at;
  }
}

/** Everything of the core that is due at a time. */
export type Alarm<P extends Payload> =
  | Cohort<P>
  | Warmer<P>
  | SlotAlarm<P>
  | BackoffAlarm<P>
  | RateAlarm
  | DrainAlarm;
