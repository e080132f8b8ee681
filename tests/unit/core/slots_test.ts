import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Key } from "../../../src/core/key.ts";
import { Ledger } from "../../../src/core/ledger.ts";
import { type Payload, SlotState } from "../../../src/core/slot.ts";
import { take } from "../../../src/core/shortcuts.ts";
import {
  addSlot,
  leastRecent,
  moveSlot,
  putBack,
  restSlot,
} from "../../../src/core/slots.ts";
import { LIMITS } from "./script.ts";

const { leased, probing, resetting, closing, gone } = SlotState;

function view(ledger: Ledger<Payload>, key: Key<Payload>) {
  return {
    all: [...ledger.slots].map(({ id }) => id),
    own: key.idle.map(({ id }) => id),
    handshakes: [...ledger.connecting].map(({ id }) => id),
    counts: [
      ledger.idle,
      ledger.leased,
      ledger.probing,
      ledger.resetting,
      ledger.closing,
    ],
    key: [key.size, key.connecting, key.probing, key.closing],
  };
}

Deno.test("I1 I2 collections and counts follow the states", () => {
  const ledger = new Ledger<Payload>(LIMITS);
  const key = new Key<Payload>("a", "a");
  const other = new Key<Payload>("b", "b");
  const first = addSlot(ledger, key);
  const second = addSlot(ledger, key);
  const third = addSlot(ledger, other);
  const see = () => view(ledger, key);
  assertEquals(see(), {
    all: [1, 2, 3],
    own: [],
    handshakes: [1, 2, 3],
    counts: [0, 0, 0, 0, 0],
    key: [2, 2, 0, 0],
  });
  for (const slot of [second, third, first]) restSlot(ledger, slot);
  assertEquals(see(), {
    all: [1, 2, 3],
    own: [2, 1],
    handshakes: [],
    counts: [3, 0, 0, 0, 0],
    key: [2, 0, 0, 0],
  });
  take(ledger, first);
  moveSlot(ledger, second, probing);
  moveSlot(ledger, third, closing);
  assertEquals(see(), {
    all: [1, 2, 3],
    own: [],
    handshakes: [],
    counts: [0, 1, 1, 0, 1],
    key: [2, 0, 1, 0],
  });
  putBack(ledger, second);
  moveSlot(ledger, first, resetting);
  assertEquals(see().counts, [1, 0, 0, 1, 1]);
  moveSlot(ledger, second, leased);
  moveSlot(ledger, second, closing);
  moveSlot(ledger, third, gone);
  assertEquals(see(), {
    all: [1, 2],
    own: [],
    handshakes: [],
    counts: [0, 0, 0, 1, 1],
    key: [2, 0, 0, 1],
  });
  moveSlot(ledger, first, closing);
  for (const slot of [first, second]) moveSlot(ledger, slot, gone);
  assertEquals([ledger.slots.size, other.size], [0, 0]);
  assertEquals(see().key, [0, 0, 0, 0]);
});

Deno.test("I2 a step that is not allowed changes no count", () => {
  const ledger = new Ledger<Payload>(LIMITS);
  const key = new Key<Payload>("a", "a");
  const slot = addSlot(ledger, key);
  const connected = view(ledger, key);
  assertThrows(() => moveSlot(ledger, slot, probing), Error, "Slot 1");
  assertEquals(view(ledger, key), connected);
  restSlot(ledger, slot);
  const rested = view(ledger, key);
  assertThrows(() => restSlot(ledger, slot), Error, "Slot 1");
  assertThrows(() => putBack(ledger, slot), Error, "Slot 1");
  assertEquals(view(ledger, key), rested);
  take(ledger, slot);
  const taken = view(ledger, key);
  assertThrows(() => take(ledger, slot), Error, "Slot 1");
  assertEquals(view(ledger, key), taken);
});

Deno.test("4.6 a probe does not make a connection younger", () => {
  const ledger = new Ledger<Payload>(LIMITS);
  const key = new Key<Payload>("a", "a");
  const [first, second, third] = [1, 2, 3].map(() => {
    const slot = addSlot(ledger, key);
    restSlot(ledger, slot);
    return slot;
  });
  assert(first && second && third);
  moveSlot(ledger, second, probing);
  assertEquals(view(ledger, key).own, [1, 3]);
  putBack(ledger, second);
  assertEquals(view(ledger, key).own, [1, 2, 3]);
  const stranger = new Key<Payload>("b", "b");
  assertEquals(leastRecent(ledger, stranger), first);
});

Deno.test("4.2 the least recently used of other keys is found, and each key has its own in order, whatever came and went", () => {
  const step = fc.record({
    slot: fc.nat(7),
    what: fc.constantFrom("use", "probe", "close", "look"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const ledger = new Ledger<Payload>(LIMITS);
    const keys = ["a", "b"].map((name) => new Key<Payload>(name, name));
    const [one, two] = keys;
    assert(one && two);
    // The naive way: all idle slots in the order of their last use.
    const order = Array.from({ length: 8 }, (_, index) => {
      const slot = addSlot(ledger, index % 2 === 0 ? one : two);
      restSlot(ledger, slot);
      return slot;
    });
    const members = [...order];
    for (const { slot: index, what } of steps) {
      const slot = members[index];
      const place = slot === undefined ? -1 : order.indexOf(slot);
      if (slot === undefined || place < 0) continue;
      if (what === "use") {
        take(ledger, slot);
        const looked = order.find((each) => each !== slot && each.key === one);
        assertEquals(leastRecent(ledger, two), looked);
        restSlot(ledger, slot);
        order.push(...order.splice(place, 1));
      } else if (what === "probe") {
        moveSlot(ledger, slot, probing);
        const looked = order.find((each) => each !== slot && each.key === two);
        assertEquals(leastRecent(ledger, one), looked);
        putBack(ledger, slot);
      } else if (what === "close") {
        moveSlot(ledger, slot, closing);
        order.splice(place, 1);
      }
      for (const key of keys) {
        const own = order.filter((each) => each.key === key);
        assertEquals(key.idle.map(({ id }) => id), own.map(({ id }) => id));
        const oldest = order.find((each) => each.key !== key);
        assertEquals(leastRecent(ledger, key), oldest);
      }
    }
  }));
});
