import { assert, assertEquals } from "@std/assert";
import { Key } from "../../../src/core/key.ts";
import type { Payload } from "../../../src/core/slot.ts";
import { Ledger } from "../../../src/core/ledger.ts";
import { addWaiter } from "../../../src/core/queue.ts";
import { Cohort, type Waiter } from "../../../src/core/waiter.ts";
import { LIMITS } from "./script.ts";

/** A key whose waiters for any connection, and for a fresh one, came in this order; small ones joined the cohort before. */
function keyWith(queue: string): [Key<Payload>, Waiter<Payload>[]] {
  const ledger = new Ledger<Payload>(LIMITS);
  const key = new Key<Payload>("a", "a");
  const waiters = Array.from(queue, (kind) => {
    const isFresh = kind.toLowerCase() === "f";
    const { last } = isFresh ? key.freshWaiters : key.waiters;
    const cohort = kind < "a" || last === undefined
      ? new Cohort(key, isFresh, 9, undefined, 0)
      : last;
    return addWaiter(ledger, cohort, kind);
  });
  return [key, waiters];
}

Deno.test("4.3 the two queues of a key are one by order of arrival", () => {
  for (
    const queue of [
      "",
      "A",
      "F",
      "AAF",
      "FFA",
      "AFFAFA",
      "FAAF",
      "AaF",
      "AfFaAa",
      "fFfa",
    ]
  ) {
    const [key, waiters] = keyWith(queue);
    assertEquals(key.waiting, queue.length);
    assertEquals(key.oldestWaiter, waiters[0]);
    for (const [place, waiter] of waiters.entries()) {
      for (let count = 0; count <= queue.length + 1; count++) {
        assertEquals(key.isAmongFirst(count, waiter), place < count);
      }
    }
  }
});

Deno.test("a waiter of another queue is not among a key's first", () => {
  const [key] = keyWith("AFf");
  const [, [stranger]] = keyWith("A");
  assert(stranger);
  assert(!key.isAmongFirst(9, stranger));
});
