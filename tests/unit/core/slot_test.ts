import { assert, assertEquals, assertThrows } from "@std/assert";
import { Key } from "../../../src/core/key.ts";
import { type Payload, Slot, SlotState } from "../../../src/core/slot.ts";
import { Script } from "./script.ts";

/** Row: from. Column: to. A cross where the step is allowed. */
const TABLE = `
             connecting  idle  leased  probing  resetting  closing  gone
connecting       .        x      x        .         .         x       x
idle             .        .      x        x         .         x       x
leased           .        x      .        .         x         x       x
probing          .        x      x        .         .         x       x
resetting        .        x      x        .         .         x       x
closing          .        .      .        .         .         .       x
gone             .        .      .        .         .         .       .
`;

type Name = keyof typeof SlotState;

/** How each state is reached. */
const PATHS: Record<Name, readonly Name[]> = {
  connecting: [],
  idle: ["idle"],
  leased: ["leased"],
  probing: ["idle", "probing"],
  resetting: ["leased", "resetting"],
  closing: ["closing"],
  gone: ["gone"],
};

const [names = [], ...rows] = TABLE.trim().split("\n").map((line) =>
  line.trim().split(/ +/)
);

function stateOf(name: string | undefined): SlotState {
  for (const [each, state] of Object.entries(SlotState)) {
    if (each === name) return state;
  }
  throw new Error(`No state ${name}`);
}

for (const [from, ...crosses] of rows) {
  Deno.test(`I2 a slot leaves ${from} only for where the table says`, () => {
    for (const [index, cross] of crosses.entries()) {
      const slot = new Slot<Payload>(7, new Key("a", "a"));
      const path = Object.entries(PATHS).find(([name]) => name === from);
      for (const each of path?.[1] ?? []) slot.become(SlotState[each]);
      assertEquals(slot.state, stateOf(from));
      const to = stateOf(names[index]);
      if (cross === "x") {
        slot.become(to);
        assertEquals(slot.state, to);
      } else {
        assertThrows(() => slot.become(to), Error, "Slot 7 cannot go");
        assertEquals(slot.state, stateOf(from), "it stays where it was");
      }
    }
  });
}

/** What a step makes of a slot that has come to a state. */
function outcomeOf(
  path: readonly Name[],
  step: (slot: Slot<Payload>) => void,
): SlotState | string {
  const slot = new Slot<Payload>(7, new Key("a", "a"));
  for (const each of path) slot.become(SlotState[each]);
  try {
    step(slot);
  } catch (error) {
    return String(error);
  }
  return slot.state;
}

Deno.test("I2 the steps of the hot paths are those of the table", () => {
  for (const [from, path] of Object.entries(PATHS)) {
    assertEquals(
      outcomeOf(path, (slot) => slot.lend()),
      outcomeOf(path, (slot) => slot.become(SlotState.leased)),
      `lend from ${from}`,
    );
    const slot = new Slot<Payload>(7, new Key("a", "a"));
    for (const each of path) slot.become(SlotState[each]);
    const { state } = slot;
    const isLeased = from === "leased";
    assertEquals(slot.isLeased, isLeased);
    assertEquals(slot.giveBack(), isLeased, `giveBack from ${from}`);
    assertEquals(slot.state, isLeased ? SlotState.idle : state);
  }
});

Deno.test("I2 the table has a row and a column for every state", () => {
  assertEquals(names, Object.keys(SlotState));
  assertEquals(rows.map(([from]) => from), Object.keys(SlotState));
});

Deno.test("4.11 a slot is unused until its first lease, and reused from its second on", () => {
  const script = new Script();
  const see = () => {
    const { isUnused, isReused } = script.slot(1);
    return { isUnused, isReused };
  };
  script.play(
    ["warm a 1", "dial 1 a"],
    ["opened 1", "rests", "warmed 1 1"],
  );
  assertEquals(see(), { isUnused: true, isReused: false });
  script.play(["acquire a", "took 1"]);
  assertEquals(see(), { isUnused: false, isReused: false });
  script.play(["release 1", "restored"]);
  assertEquals(see(), { isUnused: false, isReused: false });
  script.play(["acquire a", "took 1"]);
  assertEquals(see(), { isUnused: false, isReused: true });
});

Deno.test("a slot has no more fields than an engine's size class for objects holds", () => {
  const fields = Object.keys(new Slot<Payload>(7, new Key("a", "a")));
  // One more is private: its state.
  assert(fields.length + 1 <= 18, fields.join());
});
