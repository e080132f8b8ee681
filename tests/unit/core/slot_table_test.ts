import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Key } from "../../../src/core/key.ts";
import { type Payload, SlotState } from "../../../src/core/slot.ts";
import { SlotTable } from "../../../src/core/slot_table.ts";

const { leased, probing, resetting, closing, gone } = SlotState;

function view(slots: SlotTable<Payload>, key: Key<Payload>) {
  const own = [];
  for (let slot = key.idle.first; slot; slot = slot.next) own.push(slot.id);
  return {
    all: [...slots.all].map(({ id }) => id),
    own,
    handshakes: [...slots.connecting].map(({ id }) => id),
    counts: [
      slots.idle,
      slots.leased,
      slots.probing,
      slots.resetting,
      slots.closing,
    ],
    key: [key.size, key.connecting, key.probing, key.closing],
  };
}

Deno.test("I1 I2 collections and counts follow the states", () => {
  const slots = new SlotTable<Payload>();
  const key = new Key<Payload>("a", "a");
  const other = new Key<Payload>("b", "b");
  const first = slots.add(key);
  const second = slots.add(key);
  const third = slots.add(other);
  const see = () => view(slots, key);
  assertEquals(see(), {
    all: [1, 2, 3],
    own: [],
    handshakes: [1, 2, 3],
    counts: [0, 0, 0, 0, 0],
    key: [2, 2, 0, 0],
  });
  for (const slot of [second, third, first]) slots.rest(slot);
  assertEquals(see(), {
    all: [1, 2, 3],
    own: [2, 1],
    handshakes: [],
    counts: [3, 0, 0, 0, 0],
    key: [2, 0, 0, 0],
  });
  slots.take(first);
  slots.move(second, probing);
  slots.move(third, closing);
  assertEquals(see(), {
    all: [1, 2, 3],
    own: [],
    handshakes: [],
    counts: [0, 1, 1, 0, 1],
    key: [2, 0, 1, 0],
  });
  slots.putBack(second);
  slots.move(first, resetting);
  assertEquals(see().counts, [1, 0, 0, 1, 1]);
  slots.move(second, leased);
  slots.move(second, closing);
  slots.move(third, gone);
  assertEquals(see(), {
    all: [1, 2],
    own: [],
    handshakes: [],
    counts: [0, 0, 0, 1, 1],
    key: [2, 0, 0, 1],
  });
  slots.move(first, closing);
  for (const slot of [first, second]) slots.move(slot, gone);
  assertEquals([slots.size, other.size], [0, 0]);
  assertEquals(see().key, [0, 0, 0, 0]);
});

Deno.test("I2 a step that is not allowed changes no count", () => {
  const slots = new SlotTable<Payload>();
  const key = new Key<Payload>("a", "a");
  const slot = slots.add(key);
  const connected = view(slots, key);
  assertThrows(() => slots.move(slot, probing), Error, "Slot 1");
  assertEquals(view(slots, key), connected);
  slots.rest(slot);
  const rested = view(slots, key);
  assertThrows(() => slots.rest(slot), Error, "Slot 1");
  assertThrows(() => slots.putBack(slot), Error, "Slot 1");
  assertEquals(view(slots, key), rested);
  slots.take(slot);
  const taken = view(slots, key);
  assertThrows(() => slots.take(slot), Error, "Slot 1");
  assertEquals(view(slots, key), taken);
});

Deno.test("4.6 a probe does not make a connection younger", () => {
  const slots = new SlotTable<Payload>();
  const key = new Key<Payload>("a", "a");
  const [first, second, third] = [1, 2, 3].map(() => {
    const slot = slots.add(key);
    slots.rest(slot);
    return slot;
  });
  assert(first && second && third);
  slots.move(second, probing);
  assertEquals(view(slots, key).own, [1, 3]);
  slots.putBack(second);
  assertEquals(view(slots, key).own, [1, 2, 3]);
  const stranger = new Key<Payload>("b", "b");
  assertEquals(slots.leastRecent(stranger), first);
});

Deno.test("4.2 the least recently used of other keys is found, whatever came and went", () => {
  const step = fc.record({
    slot: fc.nat(7),
    what: fc.constantFrom("use", "probe", "close", "look"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const slots = new SlotTable<Payload>();
    const keys = ["a", "b"].map((name) => new Key<Payload>(name, name));
    const [one, two] = keys;
    assert(one && two);
    // The naive way: all idle slots in the order of their last use.
    const order = Array.from({ length: 8 }, (_, index) => {
      const slot = slots.add(index % 2 === 0 ? one : two);
      slots.rest(slot);
      return slot;
    });
    const members = [...order];
    for (const { slot: index, what } of steps) {
      const slot = members[index];
      const place = slot === undefined ? -1 : order.indexOf(slot);
      if (slot === undefined || place < 0) continue;
      if (what === "use") {
        slots.take(slot);
        const looked = order.find((each) => each !== slot && each.key === one);
        assertEquals(slots.leastRecent(two), looked);
        slots.rest(slot);
        order.push(...order.splice(place, 1));
      } else if (what === "probe") {
        slots.move(slot, probing);
        const looked = order.find((each) => each !== slot && each.key === two);
        assertEquals(slots.leastRecent(one), looked);
        slots.putBack(slot);
      } else if (what === "close") {
        slots.move(slot, closing);
        order.splice(place, 1);
      }
      for (const key of keys) {
        const oldest = order.find((each) => each.key !== key);
        assertEquals(slots.leastRecent(key), oldest);
      }
    }
  }));
});
