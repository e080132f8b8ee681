import type { Key } from "../core/key.ts";
import { acquire } from "./acquire.ts";
import type { Driver } from "./driver.ts";
import type { AcquireTicket, IoPayload } from "./payload.ts";

/** Has an acquire that may have to wait answered. */
export type Ask<Incoming, Outgoing, Handle extends object> = (
  key: Key<IoPayload<Incoming, Outgoing>>,
  fresh: boolean,
  timeout: number,
  signal?: AbortSignal,
  onReconnect?: AcquireTicket<Incoming, Outgoing>["onReconnect"],
) => Promise<Handle>;

/**
 * The promises of acquires are made with an executor that they share: a closure
 * for each, with what it captures, costs as much as its waiter. What is asked
 * for is left here for the moment in which the promise is made, and not the
 * function that settles it: V8 would have to note that something old points to
 * something young, and a handle that the user has forgotten would be kept (4.11).
 * Nor is it an async function: a second promise for each acquire would cost as
 * much as the rest.
 */
export function createAsk<Incoming, Outgoing, Handle extends object>(
  driver: Driver<Incoming, Outgoing>,
): Ask<Incoming, Outgoing, Handle> {
  const { tracksLeaks } = driver.ledger;
  let key: Key<IoPayload<Incoming, Outgoing>>;
  let fresh: boolean;
  let timeout: number;
  /** None, but while somebody asks who has one. */
  let ticket: AcquireTicket<Incoming, Outgoing> | undefined;
  const executor = (
    answer: (outcome: Handle | PromiseLike<Handle>) => void,
  ): void => {
    const given = ticket;
    ticket = undefined;
    // User code may run within, and acquire.
    acquire(driver, key, fresh, timeout, given, answer);
  };
  return (askedKey, askedFresh, askedTimeout, signal, onReconnect) => {
    if (signal || onReconnect || tracksLeaks) {
      // First of all: `Error.prepareStackTrace` is user code, and may acquire.
      const stack = tracksLeaks ? new Error().stack : undefined;
      ticket = { signal, onReconnect, stack };
    }
    key = askedKey;
    fresh = askedFresh;
    timeout = askedTimeout;
    return new Promise(executor);
  };
}
