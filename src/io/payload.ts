import type { Connection } from "./connection.ts";
import type { DialFailure } from "./dial_failure.ts";
import type { Target } from "./target.ts";
import type { AcquireTicket, WarmTicket } from "./ticket.ts";

/** What hangs on the core's records. */
export interface IoPayload<Incoming, Outgoing> {
  target: Target;
  resource: Connection<Incoming, Outgoing>;
  ticket: AcquireTicket<Incoming, Outgoing>;
  warmTicket: WarmTicket;
  failure: DialFailure;
}
