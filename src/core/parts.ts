import { Bell } from "./bell.ts";
import { DialScheduler } from "./dial_scheduler.ts";
import type { Ledger } from "./ledger.ts";
import { Placement } from "./placement.ts";
import { Redials } from "./redials.ts";
import { Refusals } from "./refusals.ts";
import { Shutdown } from "./shutdown.ts";
import type { Payload } from "./slot.ts";
import { Warming } from "./warming.ts";

/** The core's deciders, each over the one ledger, and who knows whom. */
export class Parts<P extends Payload> {
  readonly refusals: Refusals<P>;
  readonly warming: Warming<P>;
  readonly scheduler: DialScheduler<P>;
  readonly placement: Placement<P>;
  readonly redials: Redials<P>;
  readonly shutdown: Shutdown<P>;
  readonly bell: Bell<P>;

  constructor(ledger: Ledger<P>) {
    this.refusals = new Refusals(ledger);
    this.warming = new Warming(ledger);
    this.scheduler = new DialScheduler(ledger);
    this.placement = new Placement(ledger, this.scheduler);
    this.redials = new Redials(ledger, this.refusals);
    this.shutdown = new Shutdown(ledger, this.redials);
    this.bell = new Bell(ledger, this);
  }
}
