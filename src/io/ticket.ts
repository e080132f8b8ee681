import type { AcquireOptions } from "../options.ts";

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
