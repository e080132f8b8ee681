import type { Connection } from "./connection.ts";
import type { DialFailure } from "./dial_failure.ts";
import type { Target } from "./target.ts";
import type { AcquireTicket, WarmTicket } from "./ticket.ts";

/** How a waiting acquire is answered. Methods: only the layer above knows what its handles are. */
interface Answers {
  grant(handle: object): void;
  refuse(reason: unknown): void;
}

/** What hangs on the core's records. */
export interface IoPayload<Incoming, Outgoing> {
  target: Target;
  resource: Connection<Incoming, Outgoing>;
  grant: Answers["grant"];
  refuse: Answers["refuse"];
  /** Most acquires ask for nothing special. */
  ticket: AcquireTicket<Incoming, Outgoing> | undefined;
  warmTicket: WarmTicket;
  failure: DialFailure;
}
