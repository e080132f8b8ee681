import type { Key } from "../core/key.ts";
import { acquire } from "./acquire.ts";
import type { Driver } from "./driver.ts";
import type { AcquireTicket, IoPayload } from "./payload.ts";

/**
 * Makes the promises of acquires that wait, with an executor that they share: a
 * closure for each, with what it captures, costs as much as its waiter. What an
 * acquire asks for is left here for the moment in which its promise is made, and
 * not the function that settles it: V8 would have to note that something old
 * points to something young, and a handle that the user has forgotten would be
 * kept (4.11).
 */
export class AnswerSource<Incoming, Outgoing, Handle extends object> {
  readonly #driver: Driver<Incoming, Outgoing>;
  #key: Key<IoPayload<Incoming, Outgoing>> | undefined;
  #fresh = false;
  #timeout = 0;
  #ticket: AcquireTicket<Incoming, Outgoing> | undefined;
  readonly #executor = (
    answer: (outcome: Handle | PromiseLike<Handle>) => void,
  ): void => {
    const key = this.#key;
    const ticket = this.#ticket;
    // Only where there is one, for the sake of speed.
    if (ticket !== undefined) this.#ticket = undefined;
    if (key === undefined) return;
    // User code may run within, and acquire.
    acquire(this.#driver, key, this.#fresh, this.#timeout, ticket, answer);
  };

  constructor(driver: Driver<Incoming, Outgoing>) {
    this.#driver = driver;
  }

  /** Has an acquire answered. */
  ask(
    key: Key<IoPayload<Incoming, Outgoing>>,
    fresh: boolean,
    timeout: number,
    ticket: AcquireTicket<Incoming, Outgoing> | undefined,
  ): Promise<Handle> {
    this.#key = key;
    this.#fresh = fresh;
    this.#timeout = timeout;
    if (ticket !== undefined) this.#ticket = ticket;
    return new Promise(this.#executor);
  }
}
