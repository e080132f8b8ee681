import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Link, LinkedList } from "../../../src/core/linked_list.ts";

class Item implements Link<Item> {
  previous: Item | undefined = undefined;
  next: Item | undefined = undefined;
}

function forwards(list: LinkedList<Item>): Item[] {
  const items: Item[] = [];
  for (let item = list.first; item; item = item.next) items.push(item);
  return items;
}

function backwards(list: LinkedList<Item>): Item[] {
  const items: Item[] = [];
  let item = forwards(list).at(-1);
  for (; item; item = item.previous) items.push(item);
  return items;
}

Deno.test("LinkedList keeps the order of arrival, in both directions, whoever leaves", () => {
  const places = [0, 1, 2];
  for (const leaving of places) {
    const items = places.map(() => new Item());
    const list = new LinkedList<Item>();
    for (const item of items) list.push(item);
    assertEquals(list.size, 3);
    const [left] = items.splice(leaving, 1);
    if (left !== undefined) list.remove(left);
    assertEquals(list.size, 2);
    assertEquals(left, new Item(), "who left keeps nothing of the list");
    const late = new Item();
    list.push(late);
    for (const [index, item] of [...items, late].entries()) {
      assertStrictEquals(forwards(list)[index], item);
      assertStrictEquals(backwards(list)[2 - index], item);
    }
  }
});

Deno.test("LinkedList is iterated in order, and whoever is visited may leave", () => {
  const items = [0, 1, 2].map(() => new Item());
  const list = new LinkedList<Item>();
  for (const item of items) list.push(item);
  const visited: Item[] = [];
  for (const item of list) {
    visited.push(item);
    list.remove(item);
  }
  assertEquals([visited.length, list.size], [3, 0]);
  for (const [index, item] of items.entries()) {
    assertStrictEquals(visited[index], item);
  }
  assertEquals([...list], []);
});

Deno.test("LinkedList is empty when all have left, and takes them back", () => {
  const list = new LinkedList<Item>();
  const item = new Item();
  for (let round = 0; round < 2; round++) {
    list.push(item);
    assertStrictEquals(list.first, item);
    assertEquals(list.size, 1);
    list.remove(item);
    assertEquals([list.first, list.size], [undefined, 0]);
  }
});

Deno.test("LinkedList knows its first and its last, and that there is none", () => {
  const list = new LinkedList<Item>();
  const ends = () => [list.first, list.last];
  const [first, second] = [new Item(), new Item()];
  assertEquals(ends(), [undefined, undefined]);
  list.push(first);
  assertStrictEquals(list.last, first);
  list.push(second);
  assertStrictEquals(list.first, first);
  assertStrictEquals(list.last, second);
  list.remove(second);
  assertStrictEquals(list.last, first);
  list.remove(first);
  assertEquals(ends(), [undefined, undefined]);
});
