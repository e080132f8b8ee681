import { assertEquals } from "@std/assert";
import { DeadlineHeap } from "../../../src/core/deadline_heap.ts";
import type { Ranked } from "../../../src/core/ranked_heap.ts";

function due(at: number): Ranked {
  return { rank: at, heapIndex: -1 };
}

Deno.test("4.7 DeadlineHeap gives out what is due, earliest first, and nothing before its time", () => {
  const heap = new DeadlineHeap<Ranked>();
  for (const at of [5, 1, 3, 1]) heap.add(due(at));
  assertEquals([heap.nextAt, heap.size], [1, 4]);
  const taken = [];
  for (let entry = heap.takeDue(3); entry; entry = heap.takeDue(3)) {
    taken.push(entry);
  }
  assertEquals(taken, [1, 1, 3].map(due));
  assertEquals(heap.nextAt, 5);
  assertEquals(heap.takeDue(4), undefined);
  assertEquals(heap.takeDue(5)?.rank, 5);
  assertEquals([heap.nextAt, heap.size], [Infinity, 0]);
  assertEquals(heap.takeDue(Infinity), undefined);
});

Deno.test("4.7 DeadlineHeap never gives out what was cancelled, however often", () => {
  const heap = new DeadlineHeap<Ranked>();
  const entries = [1, 2, 3].map(due);
  for (const entry of entries) heap.add(entry);
  const [first] = entries;
  for (let round = 0; first !== undefined && round < 2; round++) {
    heap.remove(first);
    assertEquals([heap.nextAt, heap.size], [2, 2]);
  }
  assertEquals(heap.takeDue(1), undefined);
  assertEquals(heap.takeDue(9)?.rank, 2);
});
