import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { DialQueue } from "../../../src/core/dial_queue.ts";
import { Key } from "../../../src/core/key.ts";
import type { Payload } from "../../../src/core/slot.ts";

Deno.test("4.3 DialQueue has the longest waiting key first, as a sorted list would", () => {
  const changes = fc.array(
    fc.record({ key: fc.nat(11), place: fc.nat(30), leaves: fc.boolean() }),
    { maxLength: 80, size: "max" },
  );
  fc.assert(fc.property(changes, fc.nat(11), (steps, few) => {
    const keys = Array.from(
      { length: 12 },
      (_, index) => new Key<Payload>(`${index}`, index),
    );
    const queue = new DialQueue<Payload>();
    const ranks = new Map<Key<Payload>, number>();
    let unique = 0;
    for (const { key: index, place, leaves } of steps) {
      const key = keys[index];
      if (key === undefined) continue;
      if (leaves) {
        queue.remove(key);
        ranks.delete(key);
      } else {
        // Two waiters never have one sequence number.
        const rank = place + (++unique) / 1_000;
        queue.put(key, rank);
        ranks.set(key, rank);
      }
      const sorted = [...ranks].sort(([, a], [, b]) => a - b)
        .map(([each]) => each);
      assertEquals(queue.size, sorted.length);
      assertStrictEquals(queue.first, sorted[0]);
      const isFit = ({ name }: Key<Payload>) => Number(name) >= few;
      assertStrictEquals(queue.firstWhere(isFit), sorted.find(isFit));
      for (const each of keys) {
        assertEquals(each.queueIndex >= 0, ranks.has(each));
      }
    }
  }));
});

Deno.test("DialQueue looks only at the neighbours of keys that do not fit", () => {
  const queue = new DialQueue<Payload>();
  for (let rank = 0; rank < 1_000; rank++) {
    queue.put(new Key(`${rank}`, rank), rank);
  }
  let looks = 0;
  const found = queue.firstWhere(({ rank }) => {
    looks++;
    return rank > 1;
  });
  assertEquals(found?.rank, 2);
  assertEquals(looks, 5);
});
