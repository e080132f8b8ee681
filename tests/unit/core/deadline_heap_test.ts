import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DeadlineHeap, type Due } from "../../../src/core/deadline_heap.ts";

function due(at: number): Due {
  return { at, live: true };
}

Deno.test("DeadlineHeap gives out what is due, earliest first, and nothing before its time", () => {
  const heap = new DeadlineHeap<Due>();
  for (const at of [5, 1, 3, 1]) heap.add(due(at));
  assertEquals(heap.nextAt, 1);
  const taken = [];
  for (let entry = heap.takeDue(3); entry; entry = heap.takeDue(3)) {
    assert(!entry.live);
    taken.push(entry.at);
  }
  assertEquals(taken, [1, 1, 3]);
  assertEquals(heap.nextAt, 5);
  assertEquals(heap.takeDue(5)?.at, 5);
  assertEquals(heap.nextAt, Infinity);
  assertEquals(heap.takeDue(Infinity), undefined);
});

Deno.test("DeadlineHeap never gives out what was cancelled, however often", () => {
  const heap = new DeadlineHeap<Due>();
  const entries = [1, 2, 3].map(due);
  for (const entry of entries) heap.add(entry);
  const [first] = entries;
  assert(first);
  heap.cancel(first);
  heap.cancel(first);
  assertEquals(heap.size, 2);
  assertEquals(heap.nextAt, 1, "called once for nothing");
  assertEquals(heap.takeDue(1), undefined);
  assertEquals(heap.nextAt, 2);
  assertEquals(heap.size, 2);
  assertEquals(heap.takeDue(9)?.at, 2);
});

Deno.test("4.7 DeadlineHeap has nothing due once all is cancelled", () => {
  const heap = new DeadlineHeap<Due>();
  const entries = [1, 2, 3].map(due);
  for (const entry of entries) heap.add(entry);
  for (const entry of entries) heap.cancel(entry);
  assertEquals([heap.nextAt, heap.size], [Infinity, 0]);
});

Deno.test("DeadlineHeap does as a sorted list does, through its sweeps", () => {
  const times = fc.array(
    fc.record({ at: fc.nat(50), cancelled: fc.boolean() }),
    { minLength: 60, maxLength: 200, size: "max" },
  );
  fc.assert(
    fc.property(times, fc.nat(50), (plans, half) => {
      const heap = new DeadlineHeap<Due>();
      const entries = plans.map(({ at }) => due(at));
      for (const entry of entries) heap.add(entry);
      for (const [index, { cancelled }] of plans.entries()) {
        const entry = entries[index];
        if (cancelled && entry !== undefined) heap.cancel(entry);
      }
      const kept = plans.filter(({ cancelled }) => !cancelled)
        .map(({ at }) => at).sort((a, b) => a - b);
      assertEquals(heap.size, kept.length);
      for (const now of [half, Infinity]) {
        while (kept[0] !== undefined && kept[0] <= now) {
          assert(heap.nextAt <= kept[0]);
          assertEquals(heap.takeDue(now)?.at, kept.shift());
        }
        assertEquals(heap.takeDue(now), undefined);
      }
      assertEquals(heap.size, 0);
    }),
    { numRuns: 200 },
  );
});
