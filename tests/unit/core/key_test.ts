import { assert, assertEquals } from "@std/assert";
import { Key } from "../../../src/core/key.ts";
import type { Payload } from "../../../src/core/slot.ts";
import { Cohort, type Waiter } from "../../../src/core/waiter.ts";

function keyWith(queue: string): [Key<Payload>, Waiter<Payload>[]] {
  const key = new Key<Payload>("a", "a");
  const waiters = Array.from(queue, (kind, sequence) => {
    const isFresh = kind === "f";
    const waiter: Waiter<Payload> = {
      previous: undefined,
      next: undefined,
      sequence,
      cohort: new Cohort(key, isFresh, 9, undefined, 0),
      answer: sequence,
      live: true,
    };
    (isFresh ? key.freshWaiters : key.waiters).push(waiter);
    return waiter;
  });
  return [key, waiters];
}

Deno.test("4.3 the two queues of a key are one by order of arrival", () => {
  for (const queue of ["", "a", "f", "aaf", "ffa", "affafa", "faaf"]) {
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
  const [key] = keyWith("aff");
  const [, [stranger]] = keyWith("a");
  assert(stranger);
  assert(!key.isAmongFirst(9, stranger));
});
