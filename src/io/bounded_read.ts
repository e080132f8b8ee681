import type { ResolvedWait } from "../call_options.ts";
import type { Agenda } from "./agenda.ts";
import { bounded } from "./bounded.ts";
import type { Inbox } from "./inbox.ts";

/** Where a wait takes place. */
export interface Place {
  readonly agenda: Agenda;
  /** The address, redacted. */
  readonly shown: string;
}

/** Bounds a read that has begun. */
export function boundRead<Incoming, T>(
  inbox: Inbox<Incoming>,
  holder: object,
  wait: ResolvedWait | undefined,
  { agenda, shown }: Place,
  read: Promise<T>,
): Promise<T> {
  const { reader } = inbox;
  // Without a reader of this very holder the call is answered already.
  if (wait === undefined || reader?.holder !== holder) return read;
  const cancel = (reason: unknown) => inbox.cancel(reader, reason);
  return bounded(agenda, wait, `No message from ${shown}`, read, cancel);
}
