import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { type Ranked, RankedHeap } from "../../../src/core/ranked_heap.ts";

class Item implements Ranked {
  readonly name: number;
  rank = 0;
  heapIndex = -1;

  constructor(name: number) {
    this.name = name;
  }
}

Deno.test("4.3 RankedHeap has the item of the lowest rank first, as a sorted list would", () => {
  const changes = fc.array(
    fc.record({ item: fc.nat(11), place: fc.nat(30), leaves: fc.boolean() }),
    { maxLength: 80, size: "max" },
  );
  fc.assert(fc.property(changes, fc.nat(11), (steps, few) => {
    const items = Array.from(
      { length: 12 },
      (_, index) => new Item(index),
    );
    const heap = new RankedHeap<Item>();
    const ranks = new Map<Item, number>();
    let unique = 0;
    for (const { item: index, place, leaves } of steps) {
      const item = items[index];
      if (item === undefined) continue;
      if (leaves) {
        heap.remove(item);
        ranks.delete(item);
      } else {
        // No two items have one rank.
        const rank = place + (++unique) / 1_000;
        heap.put(item, rank);
        ranks.set(item, rank);
      }
      const sorted = [...ranks].sort(([, a], [, b]) => a - b)
        .map(([each]) => each);
      assertEquals(heap.size, sorted.length);
      assertStrictEquals(heap.first, sorted[0]);
      const isFit = ({ name }: Item) => name >= few;
      assertStrictEquals(heap.firstWhere(isFit), sorted.find(isFit));
      for (const each of items) {
        assertEquals(each.heapIndex >= 0, ranks.has(each));
      }
    }
  }));
});

Deno.test("RankedHeap looks only at the neighbours of items that do not fit", () => {
  const heap = new RankedHeap<Item>();
  for (let rank = 0; rank < 1_000; rank++) {
    heap.put(new Item(rank), rank);
  }
  let looks = 0;
  const found = heap.firstWhere(({ rank }) => {
    looks++;
    return rank > 1;
  });
  assertEquals(found?.rank, 2);
  assertEquals(looks, 5);
});

function due(at: number): Ranked {
  return { rank: at, heapIndex: -1 };
}

Deno.test("4.7 RankedHeap gives out what is due, earliest first, and nothing before its time", () => {
  const heap = new RankedHeap<Ranked>();
  for (const at of [5, 1, 3, 1]) heap.put(due(at));
  assertEquals([heap.firstRank, heap.size], [1, 4]);
  const taken = [];
  for (let entry = heap.takeUpTo(3); entry; entry = heap.takeUpTo(3)) {
    taken.push(entry);
  }
  assertEquals(taken, [1, 1, 3].map(due));
  assertEquals(heap.firstRank, 5);
  assertEquals(heap.takeUpTo(4), undefined);
  assertEquals(heap.takeUpTo(5)?.rank, 5);
  assertEquals([heap.firstRank, heap.size], [Infinity, 0]);
  assertEquals(heap.takeUpTo(Infinity), undefined);
});

Deno.test("4.7 RankedHeap never gives out what was cancelled, however often", () => {
  const heap = new RankedHeap<Ranked>();
  const entries = [1, 2, 3].map(due);
  for (const entry of entries) heap.put(entry);
  const [first] = entries;
  for (let round = 0; first !== undefined && round < 2; round++) {
    heap.remove(first);
    assertEquals([heap.firstRank, heap.size], [2, 2]);
  }
  assertEquals(heap.takeUpTo(1), undefined);
  assertEquals(heap.takeUpTo(9)?.rank, 2);
});
