import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  cancelAlarm,
  cancelRedialAlarm,
  setAlarm,
  setRedialAlarm,
} from "../../../src/core/deadlines.ts";
import { Key } from "../../../src/core/key.ts";
import { Ledger } from "../../../src/core/ledger.ts";
import { type Payload, type Redial, Slot } from "../../../src/core/slot.ts";
import { LIMITS } from "./script.ts";

const PLACES = [
  ["alarm", "slot"],
  ["lifetime", "lifetime"],
] as const;

function ledgerAt(now: number): [Ledger<Payload>, Slot<Payload>] {
  const ledger = new Ledger<Payload>(LIMITS);
  ledger.now = now;
  return [ledger, new Slot<Payload>(1, new Key("a", "a"))];
}

Deno.test("4.7 each of a slot's deadlines has its place, and rings for the slot under its name", () => {
  const [ledger, slot] = ledgerAt(1_000);
  for (const [index, [place]] of PLACES.entries()) {
    setAlarm(ledger, slot, place, index + 1);
  }
  assertEquals(ledger.deadlines.size, 2);
  for (const [index, [place, kind]] of PLACES.entries()) {
    const at = 1_001 + index;
    assertEquals(ledger.deadlines.firstRank, at);
    assertEquals(ledger.deadlines.takeUpTo(at - 1), undefined);
    const alarm = ledger.deadlines.takeUpTo(at);
    assertStrictEquals(alarm, slot[place]);
    assertEquals(alarm?.kind, kind);
    assertStrictEquals(slot[place]?.subject, slot);
  }
});

Deno.test("4.7 a deadline takes the place of the one before it, which rings no more", () => {
  for (const [place] of PLACES) {
    const [ledger, slot] = ledgerAt(1_000);
    setAlarm(ledger, slot, place, 10);
    const former = slot[place];
    setAlarm(ledger, slot, place, 30);
    assertEquals(former?.heapIndex, -1);
    assertEquals(ledger.deadlines.size, 1);
    assertEquals(ledger.deadlines.takeUpTo(1_029), undefined);
    assertEquals(ledger.deadlines.takeUpTo(1_030)?.rank, 1_030);
  }
});

Deno.test("4.7 a deadline that is never due only ends the one before it", () => {
  for (const [place] of PLACES) {
    const [ledger, slot] = ledgerAt(0);
    setAlarm(ledger, slot, place, Infinity);
    assertEquals([slot[place], ledger.deadlines.size], [undefined, 0]);
    setAlarm(ledger, slot, place, 10);
    setAlarm(ledger, slot, place, Infinity);
    assertEquals([slot[place], ledger.deadlines.size], [undefined, 0]);
  }
});

Deno.test("4.7 a deadline is cancelled once, and leaves the slot's others alone", () => {
  for (const [place] of PLACES) {
    const [ledger, slot] = ledgerAt(0);
    for (const [each] of PLACES) setAlarm(ledger, slot, each, 10);
    for (let round = 0; round < 2; round++) {
      cancelAlarm(ledger, slot, place);
      assertEquals(ledger.deadlines.size, 1);
    }
    for (const [each] of PLACES) {
      assertEquals(slot[each]?.heapIndex, each === place ? undefined : 0);
    }
  }
});

Deno.test("4.7 the deadline of a redial rings for it, unless it is cancelled or never due", () => {
  const [ledger, slot] = ledgerAt(1_000);
  const redial: Redial<Payload> = {
    slot,
    stage: "closing",
    attempts: 0,
    rank: 0,
    alarm: undefined,
  };
  setRedialAlarm(ledger, redial, Infinity);
  assertEquals([redial.alarm, ledger.deadlines.size], [undefined, 0]);
  setRedialAlarm(ledger, redial, 10);
  assertEquals(ledger.deadlines.takeUpTo(1_009), undefined);
  const alarm = ledger.deadlines.takeUpTo(1_010);
  assertStrictEquals(alarm, redial.alarm);
  assertEquals(alarm?.kind, "redial");
  assertStrictEquals(redial.alarm?.subject, redial);
  setRedialAlarm(ledger, redial, 20);
  for (let round = 0; round < 2; round++) {
    cancelRedialAlarm(ledger, redial);
    assertEquals([redial.alarm, ledger.deadlines.size], [undefined, 0]);
  }
});
