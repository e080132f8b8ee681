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

/** Begins a read, and bounds it. */
export function boundRead<Incoming, T>(
  inbox: Inbox<Incoming>,
  holder: object,
  wait: ResolvedWait | undefined,
  { agenda, shown }: Place,
  begin: () => Promise<T>,
): Promise<T> {
  const before = inbox.reader;
  const read = begin();
  const { reader } = inbox;
  if (wait === undefined || reader?.holder !== holder) return read;
  // Without a new reader of this very holder the call is answered already.
  if (reader === before) return read;
  const cancel = (reason: unknown) => inbox.cancel(reader, reason);
  return bounded(agenda, wait, `No message from ${shown}`, read, cancel);
}
