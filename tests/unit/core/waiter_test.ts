import { assertEquals } from "@std/assert";
import { Key } from "../../../src/core/key.ts";
import type { Payload } from "../../../src/core/slot.ts";
import { Cohort, Waiter } from "../../../src/core/waiter.ts";

function cohortOf(
  count: number,
  timeout: number,
): [Cohort<Payload>, Waiter<Payload>[]] {
  const key = new Key<Payload>("a", "a");
  const cohort = new Cohort<Payload>(timeout);
  const waiters = Array.from(
    { length: count },
    (_, sequence) => new Waiter(sequence, key, false, sequence, 0, cohort),
  );
  return [cohort, waiters];
}

Deno.test("I5 a waiter is live until it leaves, whatever its place", () => {
  for (const leaving of [0, 1, 2]) {
    const [cohort, waiters] = cohortOf(3, 500);
    assertEquals(waiters.map(({ live }) => live), [true, true, true]);
    const [left] = waiters.splice(leaving, 1);
    left?.leave();
    assertEquals(left?.live, false);
    assertEquals(waiters.map(({ live }) => live), [true, true]);
    assertEquals(cohort.size, 2);
    assertEquals(
      cohort.waiters.map(({ ticket }) => ticket),
      waiters.map(({ ticket }) => ticket),
    );
  }
});

Deno.test("a cohort has its members in order of arrival, also those who come after one has left", () => {
  const [cohort, [first, second]] = cohortOf(2, 500);
  first?.leave();
  const late = new Waiter(2, new Key<Payload>("a", "a"), false, 2, 0, cohort);
  assertEquals(cohort.waiters.map(({ ticket }) => ticket), [1, 2]);
  for (const each of [second, late]) each?.leave();
  assertEquals([cohort.size, cohort.waiters], [0, []]);
});

Deno.test("4.2 members of a cohort share one deadline, unknown until it is stamped", () => {
  const [cohort, waiters] = cohortOf(2, 500);
  const times = () => waiters.map(({ since, at }) => [since, at]);
  assertEquals(times(), [[Infinity, Infinity], [Infinity, Infinity]]);
  cohort.stamp(70);
  assertEquals(times(), [[70, 570], [70, 570]]);
  const [patient, [waiter]] = cohortOf(1, Infinity);
  patient.stamp(70);
  assertEquals([waiter?.since, waiter?.at], [70, Infinity]);
});
