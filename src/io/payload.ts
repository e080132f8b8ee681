import type { Address } from "../address.ts";
import type { AcquireOptions } from "../options.ts";
import type { Connection } from "./connection.ts";
import type { DialFailure } from "./dial_failure.ts";

/** What a key dials, and what may be shown of it. */
export interface Target {
  readonly address: Address;
  readonly protocols: readonly string[];
  readonly identity: string;
}

/** What a pending acquire asked for beyond the ordinary. */
export interface AcquireTicket<Incoming, Outgoing> {
  readonly signal: AbortSignal | undefined;
  /** The lease's resubscription. */
  readonly onReconnect: AcquireOptions<Incoming, Outgoing>["onReconnect"];
  /** Where the acquire was called, where leaks are looked for. */
  readonly stack: string | undefined;
}

/** How a pending `warm` is answered. */
export interface WarmTicket {
  readonly settle: (idle: number) => void;
  readonly refuse: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/** How an acquire is answered. A method: only the layer above knows what its handles are. */
interface Answers {
  /** Settles it with a handle, or a `Rejection`. */
  answer(outcome: object): void;
}

/** What hangs on the core's records. */
export interface IoPayload<Incoming, Outgoing> {
  target: Target;
  resource: Connection<Incoming, Outgoing>;
  answer: Answers["answer"];
  /** Most acquires ask for nothing special. */
  ticket: AcquireTicket<Incoming, Outgoing> | undefined;
  warmTicket: WarmTicket;
  failure: DialFailure;
}
