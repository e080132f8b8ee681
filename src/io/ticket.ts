import type { AcquireOptions } from "../options.ts";
import type { Connection } from "./connection.ts";

/** How a pending acquire is answered; exactly one of the two is called (I5). */
export interface AcquireTicket<Incoming, Outgoing> {
  grant(connection: Connection<Incoming, Outgoing>, lease: number): void;
  readonly refuse: (reason: unknown) => void;
  /** The acquire's time limit, in ms. */
  readonly timeout: number;
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
