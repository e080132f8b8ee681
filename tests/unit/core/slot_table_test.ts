import { assertEquals, assertThrows } from "@std/assert";
import { Key } from "../../../src/core/key.ts";
import { type Payload, SlotState } from "../../../src/core/slot.ts";
import { SlotTable } from "../../../src/core/slot_table.ts";

const { connecting, idle, leased, probing, resetting, closing, gone } =
  SlotState;

function view(slots: SlotTable<Payload>, key: Key<Payload>) {
  const all = [...slots.all].map(({ id }) => id);
  const idleIds = [];
  for (let entry = slots.idle.first; entry; entry = entry.next) {
    idleIds.push(entry.slot.id);
  }
  const own = [];
  for (let slot = key.idle.first; slot; slot = slot.next) own.push(slot.id);
  const counts = Object.values(SlotState).map((state) => slots.count(state));
  return {
    all,
    idle: idleIds,
    own,
    handshakes: [...slots.connecting].map(({ id }) => id),
    counts: counts.slice(0, -1),
    key: [key.size, key.connecting, key.probing, key.closing],
  };
}

Deno.test("I1 I2 collections and counts follow the states", () => {
  const slots = new SlotTable<Payload>();
  const key = new Key<Payload>("a", "a");
  const other = new Key<Payload>("b", "b");
  const first = slots.add(key, 0);
  const second = slots.add(key, 0);
  const third = slots.add(other, 0);
  const see = () => view(slots, key);
  assertEquals(see(), {
    all: [1, 2, 3],
    idle: [],
    own: [],
    handshakes: [1, 2, 3],
    counts: [3, 0, 0, 0, 0, 0],
    key: [2, 2, 0, 0],
  });
  for (const slot of [second, third, first]) slots.move(slot, idle);
  assertEquals(see(), {
    all: [1, 2, 3],
    idle: [2, 3, 1],
    own: [2, 1],
    handshakes: [],
    counts: [0, 3, 0, 0, 0, 0],
    key: [2, 0, 0, 0],
  });
  slots.move(first, leased);
  slots.move(second, probing);
  slots.move(third, closing);
  assertEquals(see(), {
    all: [1, 2, 3],
    idle: [],
    own: [],
    handshakes: [],
    counts: [0, 0, 1, 1, 0, 1],
    key: [2, 0, 1, 0],
  });
  slots.move(first, resetting);
  slots.move(second, closing);
  slots.move(third, gone);
  assertEquals(see(), {
    all: [1, 2],
    idle: [],
    own: [],
    handshakes: [],
    counts: [0, 0, 0, 0, 1, 1],
    key: [2, 0, 0, 1],
  });
  slots.move(first, closing);
  for (const slot of [first, second]) slots.move(slot, gone);
  assertEquals([slots.size, key.size, other.size], [0, 0, 0]);
});

Deno.test("I2 a step that is not allowed changes no count", () => {
  const slots = new SlotTable<Payload>();
  const key = new Key<Payload>("a", "a");
  const slot = slots.add(key, 0);
  const before = view(slots, key);
  assertThrows(() => slots.move(slot, probing), Error, "Slot 1");
  assertEquals(view(slots, key), before);
  assertEquals(slots.count(connecting), 1);
});
